// The demo's service: says which version it is. A browser gets a page that keeps asking and counts what came back.
import { createServer } from 'node:http';
import { hostname } from 'node:os';

const version = process.env.VERSION ?? 'unknown';
const colours = { v1: '#1d4ed8', v2: '#15803d' };

if (version === 'bad') {
  console.error('reading settings');
  console.error('FATAL: DATABASE_URL is not set; this version was broken on purpose');
  process.exit(1);
}

const page = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>hello</title>
<style>body{display:grid;place-content:center;height:100vh;margin:0;font:2rem system-ui;text-align:center;color:#fff;transition:background 1s}</style>
<h1 id="version"></h1><p id="count"></p>
<script>
const colours = ${JSON.stringify(colours)};
let answered = 0, failed = 0;
async function ask() {
  try {
    const answer = await fetch('/version', { cache: 'no-store' });
    if (!answer.ok) throw new Error(answer.status);
    const { version, container } = await answer.json();
    document.getElementById('version').textContent = 'hello from ' + version + ' in ' + container;
    document.body.style.background = colours[version] ?? '#334155';
    answered += 1;
  } catch { failed += 1; }
  document.getElementById('count').textContent = answered + ' answered, ' + failed + ' failed';
  setTimeout(ask, 200);
}
ask();
</script>`;

const server = createServer((request, response) => {
  const wantsPage = request.url === '/' && String(request.headers.accept).includes('text/html');
  const [type, body] = wantsPage
    ? ['text/html', page]
    : request.url === '/version'
      ? ['application/json', JSON.stringify({ version, container: hostname() })]
      : ['text/plain', `hello from ${version} in ${hostname()}\n`];
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
});
server.listen(8080, () => console.log(`${version} listens on port 8080`));

process.on('SIGTERM', () => {
  console.log('finishing open requests');
  server.close(() => process.exit(0));
});
