/** Programs that test containers run with `node -e`. */

/** Answers every byte on port 80 with the same byte; ends at SIGTERM. */
export const echoServer = `
process.on('SIGTERM', () => process.exit(0));
require('node:net').createServer((socket) => { socket.on('error', () => socket.destroy()); socket.pipe(socket); }).listen(80);`;

/** Tells over HTTP what a name resolves to where the container is. */
export const lookout = `
process.on('SIGTERM', () => process.exit(0));
const { resolve4 } = require('node:dns').promises;
require('node:http').createServer(async (request, response) => {
  const name = new URL(request.url, 'http://lookout').searchParams.get('name');
  const addresses = await resolve4(name).catch(() => []);
  response.end(JSON.stringify(addresses.sort()));
}).listen(80);`;

/** Listens on port 80, and calls CALLEE on a new connection every few milliseconds: says "well", or what went wrong. */
export const restlessCaller = `
const { connect, createServer } = require('node:net');
createServer((socket) => socket.end()).listen(80);
const call = () => {
  const socket = connect({ host: process.env.CALLEE, port: 80 });
  const next = (line) => { console.log(line); socket.destroy(); setTimeout(call, 5); };
  socket.once('connect', () => next('well'));
  socket.once('error', (error) => next(error.message));
};
call();
`;
