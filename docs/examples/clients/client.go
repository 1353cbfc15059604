// client COMMAND [ARGS-JSON [SOCKET]] sends one request to a uds server and prints what comes back.
//
// Exit status: 0 OK, 2 ERROR, 76 no final response (the outcome is unknown), 1 anything else.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"syscall"
	"time"
)

const silence = 30 * time.Second // the longest wait for the next response

type request struct {
	ID   int             `json:"id"`
	Cmd  string          `json:"cmd"`
	Args json.RawMessage `json:"args"`
}

type response struct {
	ID      *int            `json:"id"` // nil if the server refused before it had read the id
	Status  string          `json:"status"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
	Error   struct {
		Code string `json:"code"`
	} `json:"error"`
}

// serverUID returns the user that runs the server, as the kernel knows it.
func serverUID(conn *net.UnixConn) (uid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	controlErr := raw.Control(func(fd uintptr) {
		var credentials *syscall.Ucred
		if credentials, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			uid = int(credentials.Uid)
		}
	})
	if controlErr != nil {
		return 0, controlErr
	}
	return uid, err
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("client: ")
	if len(os.Args) < 2 || len(os.Args) > 4 {
		log.Fatal("usage: client COMMAND [ARGS-JSON [SOCKET]]")
	}
	args, path := "{}", os.Getenv("UDS_SOCKET")
	if len(os.Args) > 2 {
		args = os.Args[2]
	}
	if len(os.Args) > 3 {
		path = os.Args[3]
	} else if path == "" {
		path = "/run/uds/uds.sock"
	}
	line, err := json.Marshal(request{ID: 1, Cmd: os.Args[1], Args: json.RawMessage(args)})
	if err != nil {
		log.Fatal(err)
	}

	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	if uid, err := serverUID(conn); err != nil {
		log.Fatal(err)
	} else if uid != 0 && uid != os.Getuid() {
		log.Fatalf("the server runs as uid %d, which is neither root nor you", uid)
	}

	conn.SetWriteDeadline(time.Now().Add(silence))
	conn.Write(append(line, '\n')) // if it fails, what the server said before it closed can still be read
	responses := json.NewDecoder(conn)
	for {
		var r response
		conn.SetReadDeadline(time.Now().Add(silence))
		if err := responses.Decode(&r); err != nil {
			log.Printf("no final response, the outcome is unknown: %v", err)
			os.Exit(76)
		}
		switch {
		case r.ID != nil && *r.ID != 1:
		case r.Status == "PROCESSING":
			fmt.Println(r.Message)
		case r.Status == "OK" && r.Data != nil:
			fmt.Println(string(r.Data))
			return
		case r.Status == "OK":
			fmt.Println(r.Message)
			return
		default:
			fmt.Fprintf(os.Stderr, "%s: %s\n", r.Error.Code, r.Message)
			os.Exit(2)
		}
	}
}
