import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Candidate } from '../candidate.ts';
import { outputOf, run } from '../processes.ts';

/** Without its admin door. */
const caddyThat = (name: string, log: (folder: string) => string): Candidate => ({
  name,
  version: async () => (await outputOf('caddy', ['version']))?.split(' ')[0]?.trim() ?? null,
  async start({ hosts, upstream, certificate, key, folder, plainPort, tlsPort }) {
    const file = join(folder, 'Caddyfile');
    const sites = (scheme: 'http' | 'https', port: number) => hosts.map((host) => `${scheme}://${host}:${port}`).join(', ');
    const pass = `reverse_proxy 127.0.0.1:${upstream} {
        transport http {
          keepalive_idle_conns 2048
          keepalive_idle_conns_per_host 2048
          compression off
        }
      }`;
    const text = `{
      admin off
      auto_https off
      storage file_system ${folder}
      default_bind 127.0.0.1
    }
    ${sites('http', plainPort)} {
      ${log(folder)}
      ${pass}
    }
    ${sites('https', tlsPort)} {
      tls ${certificate} ${key}
      ${log(folder)}
      ${pass}
    }
    `;
    await writeFile(file, text.replaceAll(/^ {4}/gm, ''));
    return run('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
      environment: { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    });
  },
});

export const caddy: Candidate = caddyThat('Caddy', () => '');
/** With a line of JSON for each request, as it writes them when it is asked to. */
export const caddyWithLog: Candidate = caddyThat('Caddy, access log', (folder) => `log {\n output file ${folder}/access.log\n }`);
