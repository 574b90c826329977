/** A program that somebody else wrote, and what it has to say about the proxy. */
export interface Tool {
  readonly program: string;
  readonly what: string;
  readonly arguments: (door: Doors) => readonly string[];
  /** Found in what it printed when all is well. */
  readonly says: RegExp;
}

export interface Doors {
  readonly http: number;
  readonly https: number;
  /** How many requests; a short run is content with fewer. */
  readonly requests: number;
  /** A file of 300,000 bytes. */
  readonly upload: string;
}

const plain = ({ http }: Doors, path = '/') => `http://127.0.0.1:${http}${path}`;
const secure = ({ https }: Doors, path = '/') => `https://localhost:${https}${path}`;
const written = '%{http_version} %{http_code} %{size_download} %{num_connects}\\n';

export const tools: readonly Tool[] = [
  {
    program: 'curl',
    what: 'HTTP/1.0',
    arguments: (doors) => ['-s', '--http1.0', '-o', '/dev/null', '-w', written, plain(doors)],
    says: /^1\.\d 200 5 1$/m,
  },
  {
    program: 'curl',
    what: 'HTTP/1.1, two on one connection',
    arguments: (doors) => ['-s', '--http1.1', '-w', written, plain(doors), plain(doors), '-o', '/dev/null', '-o', '/dev/null'],
    says: /^1\.1 200 5 1\n1\.1 200 5 0$/m,
  },
  {
    program: 'curl',
    what: 'an upload that waits for 100 Continue',
    arguments: (doors) => ['-s', '-H', 'Expect: 100-continue', '--data-binary', `@${doors.upload}`, plain(doors, '/upload')],
    says: /^300000$/,
  },
  {
    program: 'curl',
    what: 'an upload in chunks',
    arguments: (doors) => ['-s', '-H', 'Transfer-Encoding: chunked', '--data-binary', `@${doors.upload}`, plain(doors, '/upload')],
    says: /^300000$/,
  },
  {
    program: 'curl',
    what: 'HTTP/2, two at once, and an upload',
    arguments: (doors) => [
      ...['-sk', '--http2', '-Z', '-w', written, '-o', '/dev/null', secure(doors)],
      ...['--next', '-sk', '--http2', '-w', written, '--data-binary', `@${doors.upload}`, '-o', '/dev/null', secure(doors, '/upload')],
    ],
    says: /^2 200 5 \d\n2 200 6 \d$/m,
  },
  {
    program: 'nghttp',
    what: 'HTTP/2, ten streams at once',
    arguments: (doors) => ['-nsm', '10', '--no-verify-peer', secure(doors)],
    says: /(?:\s+\d+\s+\S+\s+\S+\s+\S+\s+200\s+5 \/$){10}/m,
  },
  {
    program: 'nghttp',
    what: 'HTTP/2, an upload',
    arguments: (doors) => ['--no-verify-peer', '-d', doors.upload, secure(doors, '/upload')],
    says: /300000/,
  },
  {
    program: 'h2load',
    what: 'HTTP/2, twenty streams on each of four connections',
    arguments: (doors) => ['-n', String(doors.requests), '-c', '4', '-m', '20', secure(doors)],
    says: /\d+ succeeded, 0 failed, 0 errored, 0 timeout[\s\S]*status codes: \d+ 2xx, 0 3xx, 0 4xx, 0 5xx/,
  },
  {
    program: 'h2load',
    what: 'HTTP/1.1 by TLS, pipelined',
    arguments: (doors) => ['--h1', '-n', String(doors.requests), '-c', '4', '-m', '4', secure(doors)],
    says: /\d+ succeeded, 0 failed, 0 errored, 0 timeout[\s\S]*status codes: \d+ 2xx, 0 3xx, 0 4xx, 0 5xx/,
  },
  {
    program: 'ab',
    what: 'HTTP/1.0 with keep-alive',
    arguments: (doors) => ['-q', '-k', '-n', String(doors.requests), '-c', '8', plain(doors)],
    says: /Complete requests: +\d+\nFailed requests: +0\n(?![\s\S]*Non-2xx)/,
  },
  {
    program: 'ab',
    what: 'HTTP/1.0, a connection each',
    arguments: (doors) => ['-q', '-n', String(doors.requests), '-c', '8', plain(doors)],
    says: /Complete requests: +\d+\nFailed requests: +0\n(?![\s\S]*Non-2xx)/,
  },
  {
    program: 'wrk',
    what: 'HTTP/1.1 for a second',
    arguments: (doors) => ['-t', '1', '-c', '16', '-d', '1s', plain(doors)],
    says: /\d+ requests in [^,]*(?![\s\S]*(?:Socket errors|Non-2xx))/,
  },
];
