"""What a command finds around it: a script that tells, a declaration that sets it, and what it then must be."""
import os
import pwd

# Prints what a process can know of itself. Descriptors are looked at before anything is opened.
SELF = r'''
import json, os, resource, signal, sys
fds = {}
for n in range(1024):
    try: s = os.fstat(n)
    except OSError: continue
    fds[n] = {0o010000: "fifo", 0o100000: "file", 0o020000: "device"}.get(s.st_mode & 0o170000, oct(s.st_mode))
status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
limits = {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in ("NOFILE", "FSIZE", "CORE", "NPROC", "AS")}
print(json.dumps({
  "descriptors": fds, "blocked": status["SigBlk"], "caught": status["SigCgt"], "ignored": status["SigIgn"],
  "no_new_privs": status["NoNewPrivs"], "environment": dict(os.environ), "cwd": os.getcwd(), "umask": oct(os.umask(0)),
  "session": os.getsid(0) == os.getpid(), "limits": limits, "uids": os.getresuid(), "gids": os.getresgid(),
  "groups": os.getgroups(), "stdin": os.readlink("/proc/self/fd/0"), "caps": status["CapEff"]}))
'''.replace('{', '{{').replace('}', '}}')

RULES = ('cwd = "/usr"\numask = "027"\nenv = { COLOUR = "red", LANG = "C" }\n'
         'limits = { nofile = 64, fsize = "1MiB", core = 0, memory = "4GiB", nproc = 4000 }\n')


def expected(seen, command, run):
    """What SELF must have told, with RULES and run by who calls. `seen`: what it told; of that is taken what is the
    machine's or Python's own."""
    account = pwd.getpwuid(os.getuid())
    environment = {
        'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG': 'C', 'COLOUR': 'red',
        'HOME': account.pw_dir, 'USER': account.pw_name, 'LOGNAME': account.pw_name, 'SHELL': account.pw_shell,
        'UDS_COMMAND': command, 'UDS_RUN_ID': run, 'UDS_CALLER_UID': str(os.getuid()),
        'UDS_CALLER_USER': account.pw_name, 'UDS_PROGRESS_FD': '3'}
    if 'LC_CTYPE' in seen['environment']:
        environment['LC_CTYPE'] = seen['environment']['LC_CTYPE']
    return {
        'descriptors': {'0': 'device', '1': 'fifo', '2': 'fifo', '3': 'fifo'},
        'blocked': '0' * 16,
        # Python ignores SIGPIPE and SIGXFSZ, and catches SIGINT.
        'ignored': '0000000001001000', 'caught': '0000000000000002',
        'no_new_privs': '1', 'environment': environment, 'cwd': '/usr', 'umask': '0o27', 'session': True,
        'limits': {'NOFILE': [64, 64], 'FSIZE': [1 << 20, 1 << 20], 'CORE': [0, 0], 'AS': [4 << 30, 4 << 30],
                   'NPROC': [4000, 4000]},
        'uids': [os.getuid()] * 3, 'gids': [os.getgid()] * 3, 'groups': sorted(os.getgrouplist(account.pw_name, os.getgid())),
        'stdin': '/dev/null', 'caps': seen['caps'] if os.getuid() == 0 else '0' * 16,
    }
