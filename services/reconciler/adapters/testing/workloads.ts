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
