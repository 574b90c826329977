import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taintedLeaf, tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';

const declare = (text: string, rendering = {}) =>
  declareService(tomlFile('web/service.toml', text, rendering), 'web', { path: '/config', name: './deploy' });
const minimal = '[service]\nname = "web"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n';
const briefly = (text: string) => declare(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('a declared service', () => {
  it('keeps absent what the user left out', () => {
    assert.equal(
      JSON.stringify(declare(minimal).service?.spec),
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
    assert.deepEqual(JSON.parse(JSON.stringify(service?.spec)), {
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

  it('reads every spelling of depends_on and initialize', () => {
    for (const [key, word] of [
      ['service-started', 'started'],
      ['service_started', 'started'],
      ['Started', 'started'],
      ['service-completed', 'completed'],
      ['completed', 'completed'],
      ['ServiceHealthy', 'healthy'],
    ] as const) {
      assert.deepEqual(declare(`${minimal}[depends_on]\ndb = "${key}"\n`).service?.spec.depends_on, { db: word });
    }
    for (const key of ['on-trigger', 'OnTrigger', 'on_trigger', 'on trigger']) {
      assert.equal(declare(`${minimal}initialize = "${key}"\n`).service?.spec.dispenser.initialize, 'on-trigger');
    }
  });

  for (const [text, ...said] of [
    [
      minimal.replace('[dispenser]\nwatch = true\n', ''),
      '1:1 dispenser: is missing; write [dispenser] (or [kedge]) with watch = true or watch = false',
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
    [
      `${minimal}[proxy]\nhost = "a"\nservice_port = 80\ncert_file = "x"\n`,
      '9:13 proxy.cert_file: needs the other one too: a certificate is cert_file and key_file',
    ],
    [
      `${minimal.replace('[disp', 'replicas = 2\n[disp')}[[port]]\nhost = 80\ncontainer = 80\n`,
      '4:12 service.replicas: must be 1 with a published port: two containers cannot share a port of the host',
    ],
    [
      `${minimal}[[volume]]\nsource = "a1"\ntarget = "/x"\n[[volume]]\nsource = "b1"\ntarget = "/x/"\n`,
      '11:10 volume[1].target: is the target of another volume already',
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
      '3:9 service.image: an image is [registry/]repository[:tag][@sha256:digest], with the repository in lower case',
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
