import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Candidate } from '../candidate.ts';
import { outputOf, run } from '../processes.ts';

/** With one worker, and connections to the upstream kept. */
const nginxThat = (name: string, log: (folder: string) => string): Candidate => ({
  name,
  version: async () => (await outputOf('nginx', ['-v']))?.replace(/^.*nginx\//s, '').trim() ?? null,
  async start({ hosts, upstream, certificate, key, folder, plainPort, tlsPort }) {
    const file = join(folder, 'nginx.conf');
    const text = `
      daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
      worker_rlimit_nofile 65536;
      events { worker_connections 16384; }
      http {
        ${log(folder)} keepalive_requests 1000000000; server_names_hash_max_size 65536; server_names_hash_bucket_size 128;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        upstream app { server 127.0.0.1:${upstream}; keepalive 2048; keepalive_requests 1000000000; }
        server {
          listen 127.0.0.1:${plainPort} backlog=8192;
          listen 127.0.0.1:${tlsPort} ssl http2 backlog=8192;
          http2_max_requests 1000000000;
          ssl_certificate ${certificate}; ssl_certificate_key ${key}; ssl_session_cache shared:tls:10m;
          server_name ${hosts.join(' ')};
          location / {
            proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
          }
        }
      }`;
    await writeFile(file, text);
    return run('nginx', ['-c', file, '-p', folder]);
  },
});

/** What Kedge's lines tell, as far as it knows it. */
const fields = [
  '"time":"$time_iso8601","protocol":"$server_protocol","method":"$request_method","host":"$http_host","path":"$uri","status":$status',
  '"seconds":$request_time,"sentBytes":$body_bytes_sent,"client":"$remote_addr","agent":"$http_user_agent","requestId":"$request_id"',
].join(',');

export const nginx: Candidate = nginxThat('nginx', () => 'access_log off;');
/** With a line of JSON for each request, several of them written at a time as Kedge does. */
export const nginxWithLog: Candidate = nginxThat(
  'nginx, access log',
  (folder) => `log_format json escape=json '{${fields}}'; access_log ${folder}/access.log json buffer=32k flush=500ms;`,
);
