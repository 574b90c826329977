import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taintedLeaf, tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';

const declare = (text: string, rendering = {}) =>
  declareService({
    file: tomlFile('web/service.toml', { source: text, ...rendering }),
    folder: 'web',
    within: { path: '/config', name: './deploy' },
  });
const minimal = '[service]\nname = "web"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n';
const briefly = (text: string) => declare(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('a declared service', () => {
  it('keeps absent what the user left out', () => {
    assert.equal(
      JSON.stringify(declare(minimal).service.spec),
      JSON.stringify({ service: { name: 'web', image: 'nginx:1' }, dispenser: { watch: true } }),
    );
  });

  it('reads every key and every spelling of the grammar', () => {
    const { service, problems } = declare(
      `
[service]
name = "web"
image = "registry.example.com:5000/team/app:1.2"
command = "serve --port 80"
entrypoint = ["/init"]
working_dir = "/app"
user = "1000:1000"
hostname = "box"
memory = "512mb"
cpus = 1.5
restart = "unlessstopped"
stop_grace_period = "10s"
replicas = 1
strategy = "recreate"
[[port]]
host = 8080
container = 80
protocol = "udp"
host_ip = "127.0.0.1"
[[volume]]
source = "./data"
target = "/data"
readonly = true
[[volume]]
source = "cache"
target = "/cache"
[env]
A = "1"
TOKEN = "\${token}"
[[network]]
name = "back"
[[extra_host]]
hostname = "db"
ipv4 = "10.0.0.7"
[kedge]
watch = false
initialize = "on trigger"
cron = "0 3 * * *"
pull = "OnStartup"
[depends_on]
db = "service_healthy"
[proxy]
host = "App.example.com"
path = "/api"
service_port = 80
cert_file = "a.crt"
key_file = "a.key"
[[gate]]
type = "http"
path = "/ready"
interval = "1s"
timeout = "5s"
healthy_deadline = "1m"
[drain]
timeout = "30s"
dns_settle = "5s"
`,
      { variables: { token: 'c4nary' }, tainted: [taintedLeaf(['env', 'TOKEN'])] },
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(JSON.parse(JSON.stringify(service.spec)), {
      service: {
        name: 'web',
        image: 'registry.example.com:5000/team/app:1.2',
        command: ['serve', '--port', '80'],
        entrypoint: ['/init'],
        working_dir: '/app',
        user: '1000:1000',
        hostname: 'box',
        memory: '512mb',
        cpus: '1.5',
        restart: 'unless-stopped',
        stop_grace_period: '10s',
        replicas: 1,
        strategy: 'recreate',
      },
      port: [{ host: 8080, container: 80, protocol: 'udp', host_ip: '127.0.0.1' }],
      volume: [
        { source: './web/data', target: '/data', readonly: true },
        { source: 'cache', target: '/cache' },
      ],
      env: { A: '1', TOKEN: { ref: 'web/service.toml#/env/TOKEN', fingerprint: 'key1:aa' } },
      network: [{ name: 'back' }],
      extra_host: [{ hostname: 'db', ipv4: '10.0.0.7' }],
      dispenser: { watch: false, initialize: 'on-trigger', cron: '0 3 * * *', pull: 'on-startup' },
      depends_on: { db: 'healthy' },
      proxy: { host: 'App.example.com', path: '/api', service_port: 80, cert_file: 'a.crt', key_file: 'a.key' },
      gate: [{ type: 'http', path: '/ready', interval: '1s', timeout: '5s', healthy_deadline: '1m' }],
      drain: { timeout: '30s', dns_settle: '5s' },
    });
  });

  it('has its route under another name where rules belong to it, so that nobody serves it who knows no rules', () => {
    const text = '[service]\nname = "web"\nimage = "nginx"\n[kedge]\nwatch = true\n[proxy]\nservice_port = 80\n';
    const specOf = (more: string) => declare(`${text}${more}\n`).service.spec;
    const plain = specOf('hosts = ["a", "b"]');
    assert.deepEqual([plain?.proxy, plain?.ruled_proxy], [{ host: 'a', hosts: ['a', 'b'], service_port: 80 }, undefined]);
    const ruled = specOf('hosts = ["a"]\nredirect_from = ["b"]');
    assert.deepEqual([ruled?.proxy, ruled?.ruled_proxy], [undefined, { host: 'a', redirect_from: ['b'], service_port: 80 }]);
  });

  it('keeps passwords as references, and takes none that stand in the file', () => {
    const text = (value: string) =>
      `[service]\nname = "web"\nimage = "nginx"\n[kedge]\nwatch = true\n[proxy]\nhost = "a"\nservice_port = 80\n[proxy.basic_auth]\nann = "${value}"\n`;
    for (const origin of ['vars', 'secret-source'] as const) {
      const tainted = [taintedLeaf(['proxy', 'basic_auth', 'ann'], { origin })];
      const { service, problems } = declare(text('${ann}'), { variables: { ann: 'c4nary' }, tainted });
      assert.deepEqual(problems, []);
      assert.deepEqual(service.spec?.ruled_proxy?.basic_auth, {
        ann: { ref: 'web/service.toml#/proxy/basic_auth/ann', fingerprint: 'key1:aa' },
      });
      assert.ok(!JSON.stringify(service).includes('c4nary'));
    }
    assert.deepEqual(briefly(text('c4nary')), [
      '10:7 proxy.basic_auth.ann: must come from a variable, such as "${password_hash}": what stands here itself would be kept in the open',
    ]);
    assert.match(briefly(`${text('x').replace('ann = "x"', '')}`)[0] ?? '', /proxy.basic_auth: must name at least one/);
  });

  it("reads Compose's words in their forms, and tells them in one", () => {
    const words = `
labels = ["a=b", "bare"]
healthcheck = { test = "true", retries = "3" }
env_file = "web.env"
stop_signal = "quit"
init = true
read_only = true
privileged = false
tmpfs = "/run"
cap_add = ["cap_net_admin"]
cap_drop = ["all"]
security_opt = ["no-new-privileges"]
ulimits = { nofile = 5, core = { soft = 1, hard = -1 } }
shm_size = 67108864
dns = "1.1.1.1"
sysctls = ["net.core.somaxconn=1024"]
devices = ["/dev/fuse"]
gpus = "all"
logging = { driver = "local", options = { max-file = 3 } }
extra_hosts = { db = "::1" }
replicas = 2
`;
    const { service, problems } = declare(minimal.replace('[disp', `${words}[disp`));
    assert.deepEqual(problems, []);
    assert.deepEqual(JSON.parse(JSON.stringify(service.spec?.service)), {
      name: 'web',
      image: 'nginx:1',
      labels: { a: 'b', bare: '' },
      healthcheck: { test: ['CMD-SHELL', 'true'], retries: 3 },
      stop_signal: 'SIGQUIT',
      init: true,
      read_only: true,
      privileged: false,
      tmpfs: ['/run'],
      cap_add: ['NET_ADMIN'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges'],
      ulimits: { nofile: { soft: 5, hard: 5 }, core: { soft: 1, hard: -1 } },
      shm_size: '67108864',
      dns: ['1.1.1.1'],
      sysctls: { 'net.core.somaxconn': '1024' },
      devices: ['/dev/fuse:/dev/fuse:rwm'],
      gpus: [{ count: -1 }],
      logging: { driver: 'local', options: { 'max-file': '3' } },
      extra_hosts: ['db:::1'],
      replicas: 2,
    });
    assert.deepEqual(service.envFiles, [{ path: 'web/web.env', required: true, pointer: ['service', 'env_file'] }]);
  });

  it('keeps the value of a variable in a label sealed, and asks for a table where it could not', () => {
    const rendering = (pointer: (string | number)[]) => ({ variables: { x: 'c4nary' }, tainted: [taintedLeaf(pointer)] });
    const table = declare(minimal.replace('[disp', 'labels = { a = "${x}" }\n[disp'), rendering(['service', 'labels', 'a']));
    assert.deepEqual(table.service.spec?.service.labels, { a: { ref: 'web/service.toml#/service/labels/a', fingerprint: 'key1:aa' } });
    assert.ok(!JSON.stringify(table).includes('c4nary'));
    const list = declare(minimal.replace('[disp', 'labels = ["a=${x}"]\n[disp'), rendering(['service', 'labels', 0]));
    assert.match(list.problems[0]?.message ?? '', /^service.labels\[0\]: must be a line of a table when a variable stands in it/);
    assert.ok(!JSON.stringify(list).includes('c4nary'));
  });

  it('may have a tmpfs only where nothing else stands', () => {
    const text = minimal.replace('[disp', 'tmpfs = ["/run", "/x/:size=1m", "/run/"]\n[disp');
    assert.deepEqual(briefly(`${text}[[volume]]\nsource = "a1"\ntarget = "/x"\n`), [
      '4:18 service.tmpfs[1]: is where another volume or tmpfs stands already',
      '4:33 service.tmpfs[2]: is where another volume or tmpfs stands already',
    ]);
  });

  it('reads every spelling that Dispenser knows', () => {
    const read = (text: string) => declare(text).service?.spec;
    for (const [word, spellings] of [
      ['no', ['no', 'never', 'No']],
      ['always', ['always', 'Always']],
      ['on-failure', ['on-failure', 'on_failure', 'onfailure', 'OnFailure']],
      ['unless-stopped', ['unless-stopped', 'unless_stopped', 'unlessstopped', 'UnlessStopped']],
    ] as const) {
      for (const each of spellings) assert.equal(read(minimal.replace('[disp', `restart = "${each}"\n[disp`))?.service.restart, word);
    }
    for (const [word, spellings] of [
      ['always', ['always', 'Always']],
      ['on-startup', ['on-startup', 'on_startup', 'onstartup', 'OnStartup']],
    ] as const) {
      for (const each of spellings) assert.equal(read(`${minimal}pull = "${each}"\n`)?.dispenser.pull, word);
    }
    for (const each of ['immediately', 'Immediately'])
      assert.equal(read(`${minimal}initialize = "${each}"\n`)?.dispenser.initialize, 'immediately');
  });

  it('may publish UDP, addresses of both families, and pin its image by digest', () => {
    const image = `registry.example.com:5000/team/app:1@sha256:${'a'.repeat(64)}`;
    for (const address of ['127.0.0.1', '::1', '[::1]', 'fd00::53']) {
      const port = `[[port]]\nhost = 53\ncontainer = 53\nprotocol = "UDP"\nhost_ip = "${address}"\n`;
      const spec = declare(`${minimal.replace('nginx:1', image)}${port}`).service?.spec;
      assert.deepEqual(spec?.port, [{ host: 53, container: 53, protocol: 'udp', host_ip: address.replace(/[[\]]/g, '') }]);
      assert.equal(spec?.service.image, image);
    }
  });

  it('reads every spelling of depends_on and initialize', () => {
    for (const [key, word] of [
      ['service-started', 'started'],
      ['service_started', 'started'],
      ['Started', 'started'],
      ['service-completed', 'completed'],
      ['service_completed_successfully', 'completed'],
      ['completed', 'completed'],
      ['ServiceHealthy', 'healthy'],
    ] as const) {
      assert.deepEqual(declare(`${minimal}[depends_on]\ndb = "${key}"\n`).service.spec?.depends_on, { db: word });
    }
    for (const key of ['on-trigger', 'OnTrigger', 'on_trigger', 'on trigger']) {
      assert.equal(declare(`${minimal}initialize = "${key}"\n`).service.spec?.dispenser.initialize, 'on-trigger');
    }
  });

  for (const [text, ...said] of [
    [
      minimal.replace('[dispenser]\nwatch = true\n', ''),
      '1:1 dispenser: is missing; write [dispenser] (or [kedge]) with watch = true or watch = false',
    ],
    [
      '# nothing yet\n',
      '1:1 service: is missing; write [service], and below it name = "web" and image = "nginx:1", each on a line of its own',
      '1:1 dispenser: is missing; write [dispenser] (or [kedge]) with watch = true or watch = false',
    ],
    [minimal.replace('name = "web"\n', ''), '1:2 service.name: is missing; it must be text in quotes, such as name = "web"'],
    [
      minimal.replace('"web"', '"web\u200b"'),
      '2:8 service.name: a service name has 2 to 63 letters, digits, "_", "." or "-", and starts with a letter or digit; it holds U+200B, a zero-width space: take it out',
    ],
    [
      `${minimal}[proxy]\nhost = "ex\u00a0ample.com"\nservice_port = 80\n`,
      '7:8 proxy.host: must not have a character that no host name has; it holds U+00A0, a no-break space: write a plain blank',
    ],
    [
      `${minimal}[proxy]\nhost = "b\u00fccher.de"\nservice_port = 80\n`,
      '7:8 proxy.host: must be written in ASCII, as clients ask for it: write "xn--bcher-kva.de"',
    ],
    [`${minimal}[kedge]\nwatch = true\n`, '6:2 kedge: means the same as [dispenser]; keep one of the two'],
    [minimal.replace('watch = true', 'watch = 1'), '5:9 dispenser.watch: must be true or false, without quotes, not a number'],
    [`restart = "always"\n${minimal}`, '1:1 restart: unknown key; it belongs in [service]'],
    [`${minimal}[labels]\na = "b"\n`, '6:2 labels: unknown key; it belongs in [service]: write [service.labels]'],
    [`${minimal}[healthcheck]\ntest = "x"\n`, '6:2 healthcheck: unknown key; it belongs in [service]: write [service.healthcheck]'],
    [minimal.replace('[disp', 'cron = "@daily"\n[disp'), '4:1 service.cron: unknown key in [service]; it belongs in [dispenser]'],
    [
      minimal.replace('[disp', 'healthcheck = { tset = "x" }\n[disp'),
      '4:17 service.healthcheck.tset: unknown key in [service.healthcheck]; known are test, interval, timeout, retries, start_period, start_interval, disable',
    ],
    [
      minimal.replace('[disp', 'ulimits = { nofile = { sfot = 1, hard = 2 } }\n[disp'),
      '4:13 service.ulimits.nofile.soft: is missing; it must be a whole number from -1 on',
      '4:24 service.ulimits.nofile.sfot: unknown key in [service.ulimits.nofile]; known are soft, hard',
    ],
    [minimal.replace('[disp', 'devices = [{ source = "sda" }]\n[disp'), '4:23 service.devices[0].source: must begin with "/"'],
    [minimal.replace('[disp', 'privileged = "yes"\n[disp'), '4:14 service.privileged: must be true or false, without quotes, not text'],
    [
      minimal.replace('[disp', 'labels = 5\n[disp'),
      '4:10 service.labels: must be a table such as { a = "b" }, or an array of texts such as ["a=b"]',
    ],
    [
      `${minimal}[[volume]]\nsource = "../../x"\ntarget = "/x"\n`,
      '7:10 volume[0].source: lies outside of the configuration folder; write an absolute path if that is meant',
    ],
    [`${minimal}cron = "61 * * * *"\n`, '6:8 dispenser.cron: is not a cron expression: minute "61": 61 is not between 0 and 59'],
    [`${minimal}cron = "0 0 31 2 *"\n`, '6:8 dispenser.cron: never comes: no day fits all of its fields, or its year is over'],
    [`${minimal}[[gate]]\ntype = "http"\ninterval = "0s"\n`, '8:12 gate[0].interval: must be longer than nothing'],
    [`${minimal}[[gate]]\ntype = "tcp"\npath = "/"\n`, '8:8 gate[0].path: belongs to gates of type "http"'],
    [`${minimal}[[gate]]\ntype = "grpc"\n`, '7:8 gate[0].type: must be one of "http", "tcp"'],
    [
      `${minimal}[x-note]\na = 1\n`,
      '6:2 x-note: unknown key; known are service, port, volume, env, network, extra_host, dispenser, kedge, depends_on, proxy, gate, drain',
    ],
    [
      minimal.replace('nginx:1', 'Nginx'),
      '3:9 service.image: an image is [registry/]repository[:tag][@sha256:digest], with the repository in lower case and 64 hexadecimal digits in the digest',
    ],
    [
      minimal.replace('"web"', '"-web"'),
      '2:8 service.name: a service name has 2 to 63 letters, digits, "_", "." or "-", and starts with a letter or digit',
    ],
  ] as const) {
    it(`is refused: ${said[0]}`, () => assert.deepEqual(briefly(text), said));
  }

  it('never quotes a cron expression that a variable made', () => {
    const rendering = { variables: { when: '61 c4nary' }, tainted: [taintedLeaf(['dispenser', 'cron'])] };
    const { problems } = declare(`${minimal}cron = "\${when}"\n`, rendering);
    assert.deepEqual(
      problems.map(({ message }) => message),
      ['dispenser.cron: is not a cron expression'],
    );
  });
});
