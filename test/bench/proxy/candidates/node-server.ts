import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

/** Node's own servers, that answer by themselves; run as a process. Arguments: port for HTTP, for HTTPS, files of certificate and key. */
const [, , plainPort, tlsPort, certificate = '', key = ''] = process.argv;
const options = { keepAliveTimeout: 300_000, noDelay: true };
const answer: Parameters<typeof createServer>[1] = (_, response) => void response.end('x'.repeat(200));

createServer(options, answer).listen(Number(plainPort), '127.0.0.1');
createSecureServer({ ...options, cert: readFileSync(certificate), key: readFileSync(key) }, answer).listen(Number(tlsPort), '127.0.0.1');
