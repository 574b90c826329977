import fc from 'fast-check';

/** A word as people may write it: in any case, with blanks, `-` and `_` wherever. */
function spelled(...words: readonly string[]): fc.Arbitrary<string> {
  const glue = fc.constantFrom('', '-', '_', ' ');
  return fc
    .tuple(fc.constantFrom(...words), glue, fc.boolean(), fc.boolean())
    .map(([word, between, isLoud, isSpread]) =>
      (isSpread ? [...word].join(between) : word.replaceAll('-', between)).replace(/^./, (first) => (isLoud ? first.toUpperCase() : first)),
    )
    .chain((word) => fc.constantFrom(word, word.toUpperCase()));
}

const listOf = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 });
const oneOf = fc.constantFrom;
const duration = oneOf('500ms', '10s', '1m30s', ' 1.5h ', '0.5s');
const amount = oneOf<string | number>('512m', '256MB', ' 1.5g ', '8388608', 8_388_608, '1Gb', '6144K', '8388608B');
const text = fc.string({ unit: oneOf('a', 'B', '9', ' ', '"', 'é', '.'), maxLength: 8 });
const plain = fc.oneof(text, fc.integer({ min: -9, max: 9 }), fc.boolean(), oneOf(1.5));
const names = fc.dictionary(oneOf('a', 'a.b', 'c-d', 'é'), plain, { maxKeys: 3 });
const pairs = listOf(oneOf('a=b', 'c=', 'bare', 'd=e=f'));
const whole = fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }).map(String));
const address = oneOf('10.0.0.7', '::1', '[::1]', '2001:db8::7');
const hosts = oneOf('db:10.0.0.7', 'db=::1', 'host:host-gateway', 'db:[::1]');

const optional: { requiredKeys: [] } = { requiredKeys: [] };

const healthcheck = fc.record(
  {
    test: fc.oneof(oneOf('true'), fc.constantFrom(['CMD', 'true'], ['CMD-SHELL', 'x'])),
    interval: duration,
    timeout: duration,
    retries: whole,
    start_period: fc.oneof(duration, oneOf('0s')),
    start_interval: duration,
    disable: fc.constant(false),
  },
  optional,
);

const limit = fc.oneof(fc.integer({ min: -1, max: 99 }), oneOf('5', '-1'), fc.record({ soft: oneOf(1, '2'), hard: oneOf(5, '-1') }));

const gpus = fc.oneof(
  fc.constant('all'),
  listOf(
    fc.oneof(
      fc.record(
        { driver: fc.constant('nvidia'), count: oneOf<string | number>('all', 2, -1), capabilities: listOf(text), options: names },
        optional,
      ),
      fc.record({ device_ids: listOf(oneOf('0', 'GPU-1f2e')), options: pairs }, optional),
    ),
  ),
);

const container = fc.record(
  {
    name: oneOf('web', 'W.e_b-9'),
    image: oneOf('nginx', 'nginx:1.27', 'registry.example.com:5000/team/app:1', 'localhost/a', `a/b@sha256:${'a'.repeat(64)}`),
    command: fc.oneof(oneOf('serve --port 80', "sh -c 'a b'", ''), fc.array(text, { maxLength: 3 })),
    entrypoint: fc.oneof(oneOf('/init'), fc.array(text, { maxLength: 3 })),
    working_dir: oneOf('/', '/app'),
    user: oneOf('', 'app', '1000', '1000:1000', ':5', 'app:staff'),
    hostname: oneOf('box', 'a.b', '_x'),
    memory: fc.oneof(amount, oneOf('0', 0)),
    cpus: oneOf<string | number>(1, 1.5, '0.5', ' 2 ', '.5', 0, '0', '2.'),
    restart: spelled('no', 'never', 'always', 'on-failure', 'unless-stopped'),
    stop_grace_period: duration,
    stop_signal: oneOf<string | number>('SIGQUIT', 'quit', ' term ', 'SIGRTMIN+3', 15, '15'),
    healthcheck,
    labels: fc.oneof(names, pairs),
    init: fc.boolean(),
    read_only: fc.boolean(),
    privileged: fc.boolean(),
    tmpfs: fc.oneof(oneOf('/run'), fc.constant(['/run:size=64m,mode=1777', '/tmp'])),
    shm_size: amount,
    cap_add: listOf(oneOf('NET_ADMIN', 'cap_sys_time', ' all ')),
    cap_drop: listOf(oneOf('ALL', 'Chown')),
    security_opt: listOf(oneOf('no-new-privileges', 'no-new-privileges:true', 'apparmor=x', 'seccomp:unconfined', 'label=disable')),
    devices: listOf(
      fc.oneof<fc.Arbitrary<unknown>[]>(
        oneOf('vendor.com/class=name', '/dev/a', '/dev/a:/dev/b', '/dev/a:/dev/b:rw', '/dev/a:r'),
        fc.record(
          { source: fc.constant('/dev/a'), target: fc.constant('/dev/b'), permissions: oneOf('r', 'mwr') },
          { requiredKeys: ['source'] },
        ),
      ),
    ),
    gpus,
    ulimits: fc.dictionary(oneOf('nofile', 'nproc', 'core'), limit, { maxKeys: 2 }),
    sysctls: fc.oneof(
      fc.dictionary(oneOf('net.core.somaxconn', 'kernel.domainname'), oneOf<string | number | boolean>('a b', 1, true), { maxKeys: 2 }),
      fc.constant(['net.core.somaxconn=1024']),
    ),
    dns: fc.oneof(address, listOf(address)),
    extra_hosts: fc.oneof(listOf(hosts), fc.dictionary(oneOf('db', 'a.b'), fc.oneof(address, listOf(address)), { maxKeys: 2 })),
    logging: fc.oneof(
      fc.record({ driver: oneOf('journald', 'fluentd'), options: names }, optional),
      fc.record({ driver: oneOf('local', 'json-file'), options: fc.constant({ 'max-size': '10m', 'max-file': 3, compress: true }) }),
    ),
    replicas: oneOf(1, 1.0),
    strategy: spelled('rolling', 'recreate'),
  },
  { requiredKeys: ['name', 'image'] },
);

const behaviour = fc.record(
  {
    watch: fc.boolean(),
    initialize: spelled('immediately', 'on-trigger'),
    cron: oneOf('@daily', '0 3 * * *', '*/5 0 9 * * Mon-Fri', '0 0 9 * * * 2030'),
    pull: spelled('always', 'on-startup'),
  },
  { requiredKeys: ['watch'] },
);

const port = fc.integer({ min: 1, max: 65_535 });

const rest = fc.record(
  {
    port: fc.tuple(
      fc.record(
        { host: fc.constant(8080), container: port, protocol: spelled('tcp', 'udp'), host_ip: address },
        { requiredKeys: ['host', 'container'] },
      ),
    ),
    volume: fc.tuple(
      fc.record(
        { source: oneOf('data', './data', '/srv/data'), target: fc.constant('/data'), readonly: fc.boolean() },
        { requiredKeys: ['source', 'target'] },
      ),
    ),
    env: fc.dictionary(oneOf('A', 'a.b', 'C D', 'é'), text, { maxKeys: 3 }),
    extra_host: listOf(fc.record({ hostname: oneOf('db', 'db.lan'), ipv4: oneOf('10.0.0.7', '::1', 'host-gateway') })),
    proxy: fc.record(
      {
        host: oneOf('app.example.com', 'App', '[::1]'),
        path: oneOf('', '/', 'api', '/a%20b', '/a.b/'),
        service_port: port,
        redirect_from: oneOf(['www.app.example.com'], ['*', '*.app.example.com']),
        allow: oneOf(['10.0.0.7', '10.0.0.0/8'], ['2001:db8::/32']),
        max_body: oneOf(1, '10m', '1.5gb'),
        maintenance: fc.boolean(),
        maintenance_status: oneOf(200, 503, 599),
        maintenance_page: text,
        pause: fc.boolean(),
        pause_timeout: duration,
        pause_limit: oneOf(1, 500),
        rewrite: oneOf('/', '/v2', '/a%20b/'),
        rate_limit: fc.constant({ requests: 1, window: '1s' }),
        request_headers: fc.record({ set: fc.constant({ 'X-A': 'b', 'x.c': '' }), remove: oneOf([], ['Cookie']) }, optional),
        response_headers: fc.record({ set: fc.constant({ Server: 'a b' }), remove: oneOf(['via']) }, optional),
      },
      { requiredKeys: ['host', 'service_port'] },
    ),
    gate: listOf(
      fc.record(
        { type: spelled('http'), port, path: oneOf('/', '/ready?x=1'), interval: duration, timeout: duration, healthy_deadline: duration },
        { requiredKeys: ['type'] },
      ),
    ),
    drain: fc.record({ timeout: fc.oneof(duration, oneOf('0s')), dns_settle: duration }, optional),
  },
  optional,
);

/** Tables of a `service.toml`, in every form that a key may have. */
export const serviceTables = fc
  .tuple(container, behaviour, oneOf('dispenser', 'kedge'), rest)
  .map(([service, when, table, more]) => ({ service, [table]: when, ...more }));

const network = fc.record(
  {
    driver: spelled('bridge', 'overlay', 'macvlan'),
    external: fc.boolean(),
    internal: fc.boolean(),
    attachable: fc.boolean(),
    labels: fc.dictionary(oneOf('a', 'a.b'), text, { maxKeys: 2 }),
  },
  optional,
);

/** Tables of a main file with one service in `web`. */
export const mainTables = fc
  .record(
    {
      delay: oneOf(0, 60),
      network: fc.array(network, { maxLength: 2 }).map((list) => list.map((each, index) => ({ name: `net_${index}.x-y`, ...each }))),
      proxy: fc.record(
        {
          enabled: fc.boolean(),
          strategy: spelled('https-only', 'http-only', 'both'),
          trust_forwarded_headers: oneOf(true, false, ['10.0.0.0/8']),
          forwarded: fc.boolean(),
          request_id: fc.boolean(),
          traceparent: fc.boolean(),
        },
        optional,
      ),
      certbot: fc.constant({ email: 'a@example.com' }),
      telemetry: fc.record(
        { enabled: fc.boolean(), base_uri: text, status_interval: oneOf(60), anything: plain },
        { requiredKeys: ['enabled', 'base_uri'] },
      ),
    },
    optional,
  )
  .map((table) => ({ ...table, service: [{ path: 'web' }] }));
