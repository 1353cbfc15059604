#!/usr/bin/env node
// client.js COMMAND [ARGS-JSON [SOCKET]]: sends one request to a uds server and prints what comes back.
//
// Exit status: 0 OK, 2 ERROR, 76 no final response (the outcome is unknown), 1 anything else.
'use strict';

const net = require('node:net');

const SILENCE = 30_000; // milliseconds without a byte after which to give up

const [command, args = '{}', path = process.env.UDS_SOCKET || '/run/uds/uds.sock'] = process.argv.slice(2);
if (!command || process.argv.length > 5) {
  console.error('usage: client.js COMMAND [ARGS-JSON [SOCKET]]');
  process.exit(1);
}
const request = { id: 1, cmd: command, args: JSON.parse(args) };

const socket = net.connect(path, () => socket.write(JSON.stringify(request) + '\n'));
socket.setEncoding('utf8'); // puts a character together that arrives in two chunks
socket.setTimeout(SILENCE, () => socket.destroy(new Error('the server is silent')));

let rest = '';
socket.on('data', (chunk) => {
  const lines = (rest + chunk).split(/[\n\0]/); // NUL ends a refusal from before the request was read
  rest = lines.pop();
  try {
    for (const line of lines) handle(JSON.parse(line));
  } catch (error) {
    socket.destroy(error);
  }
});

let exitCode = 76;
function handle(response) {
  if (response.id !== request.id && response.id !== null) return;
  if (response.status === 'PROCESSING') {
    console.log(response.message);
    return;
  }
  if (response.status === 'OK') {
    console.log('data' in response ? JSON.stringify(response.data) : response.message);
    exitCode = 0;
  } else {
    console.error(`${response.error.code}: ${response.message}`);
    exitCode = 2;
  }
  socket.destroy();
}

socket.on('error', (error) => {
  console.error(`client.js: ${error.message}`);
  if (error.syscall === 'connect') exitCode = 1;
});
socket.on('close', () => {
  if (exitCode === 76) console.error('client.js: no final response, the outcome is unknown');
  process.exitCode = exitCode;
});
