import type { Files } from './examples.ts';

/** A slip of the pen in a folder that is fine without it, and what has to be told of it. */
export interface Fault {
  readonly what: string;
  /** Files by what is written into them: at a mark, or behind the end. */
  readonly plant: Readonly<Record<string, { readonly at?: Mark; readonly text: string }>>;
  /** Each as `file key`, or `file` alone for what has no key. */
  readonly told: readonly string[];
}

/** Lines of comment in every file of a service. */
type Mark = '# service' | '# behaviour' | '# env' | '# depends' | '# top';

const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota'];

const main = `# top\n${names.map((name) => `[[service]]\npath = "${name}"\n`).join('')}${['back', 'front']
  .map((name) => `[[network]]\nname = "${name}"\n`)
  .join('')}`;

const service = (name: string) =>
  `[service]\nname = "${name}"\nimage = "nginx:1"\n# service\n[dispenser]\nwatch = true\n# behaviour\n[env]\nFINE = "1"\n# env\n[depends_on]\n# depends\n`;

/** A folder in which nothing is wrong. */
export const sound: Files = {
  'kedge.toml': main,
  ...Object.fromEntries(names.map((name) => [`${name}/service.toml`, service(name)])),
};

const inMain = (text: string, at?: Mark) => ({ 'kedge.toml': { text, ...(at && { at }) } });
const inService = (name: string, text: string, at?: Mark) => ({ [`${name}/service.toml`]: { text, ...(at && { at }) } });
const of = (name: string, ...keys: readonly string[]) => keys.map((key) => `${name}/service.toml ${key}`.trimEnd());

/** Of different kinds, in different places: any of them together are told together. */
export const faults: readonly Fault[] = [
  { what: 'a value of the wrong type', plant: inService('alpha', 'A = 1', '# env'), told: of('alpha', 'env.A') },
  {
    what: 'a volume outside of the folder',
    plant: inService('alpha', '[[volume]]\nsource = "../../x"\ntarget = "/v1"'),
    told: of('alpha', 'volume[0].source'),
  },
  {
    what: 'an env file outside of the folder',
    plant: inService('alpha', 'env_file = "/etc/x.env"', '# service'),
    told: of('alpha', 'service.env_file'),
  },
  { what: 'a name that is taken', plant: inService('beta', 'name = "gamma"', '# service'), told: of('gamma', 'service.name') },
  {
    what: 'an env file that is not there',
    plant: inService('beta', 'env_file = "no.env"', '# service'),
    told: of('beta', 'service.env_file'),
  },
  { what: 'a word that is none', plant: inService('gamma', 'restart = "sometimes"', '# service'), told: of('gamma', 'service.restart') },
  {
    what: 'two faults in one table',
    plant: inService('gamma', 'ulimits = { nofile = "x", foo = 1 }', '# service'),
    told: of('gamma', 'service.ulimits.nofile', 'service.ulimits.foo'),
  },
  {
    what: 'a rule over keys of which one has the wrong type',
    plant: inService('gamma', 'healthcheck = { disable = true, interval = "10s", timeout = 5 }', '# service'),
    told: of('gamma', 'service.healthcheck.interval', 'service.healthcheck.timeout'),
  },
  {
    what: 'a certificate without its key',
    plant: inService('gamma', '[proxy]\nhost = "gamma.example.com"\nservice_port = 80\ncert_file = "a.pem"'),
    told: of('gamma', 'proxy.cert_file'),
  },
  { what: 'a network that nobody declared', plant: inService('gamma', '[[network]]\nname = "bakc"'), told: of('gamma', 'network[0].name') },
  {
    what: 'one route of two services',
    plant: {
      ...inService('delta', '[proxy]\nhost = "same.example.com"\nservice_port = 80'),
      ...inService('epsilon', '[proxy]\nhost = "Same.example.com"\nservice_port = "80"'),
    },
    told: of('epsilon', 'proxy.host', 'proxy.service_port'),
  },
  {
    what: 'one port of two services',
    plant: {
      ...inService('delta', '[[port]]\nhost = 8080\ncontainer = "80"'),
      ...inService('epsilon', '[[port]]\nhost = 8080\ncontainer = 80'),
    },
    told: [...of('delta', 'port[0].container'), ...of('epsilon', 'port[0].host')],
  },
  {
    what: 'one port twice, of which one has a word that is no protocol',
    plant: inService('beta', '[[port]]\nhost = 8443\ncontainer = 80\n[[port]]\nhost = 8443\ncontainer = 81\nprotocol = "tpc"'),
    told: of('beta', 'port[1].protocol', 'port[1].host'),
  },
  {
    what: 'a dependency that nobody is, beside a condition that is none',
    plant: inService('iota', 'noone = 5\nalpha = "soon"', '# depends'),
    told: of('iota', 'depends_on.noone', 'depends_on.noone', 'depends_on.alpha'),
  },
  {
    what: 'an empty certificate without its key',
    plant: inService('iota', '[proxy]\nhost = "iota.example.com"\nservice_port = 80\ncert_file = ""'),
    told: of('iota', 'proxy.cert_file', 'proxy.cert_file'),
  },
  { what: 'too many replicas', plant: inService('zeta', 'replicas = 200', '# service'), told: of('zeta', 'service.replicas') },
  { what: 'a key that is missing', plant: inService('zeta', '[[port]]\nhost = 80'), told: of('zeta', 'port[0].container', 'port[0].host') },
  { what: 'a path of a connection', plant: inService('delta', '[[gate]]\ntype = "tcp"\npath = "/"'), told: of('delta', 'gate[0].path') },
  { what: 'an unknown key', plant: inService('delta', 'imgae = "x"', '# service'), told: of('delta', 'service.imgae') },
  {
    what: 'services that wait for each other',
    plant: { ...inService('alpha', 'delta = "started"', '# depends'), ...inService('delta', 'alpha = "soon"', '# depends') },
    told: [...of('alpha', 'depends_on.delta'), ...of('delta', 'depends_on.alpha')],
  },
  {
    what: 'a dependency that nobody is',
    plant: inService('epsilon', 'nobody = "started"', '# depends'),
    told: of('epsilon', 'depends_on.nobody'),
  },
  {
    what: 'a label of our own',
    plant: inService('epsilon', 'labels = { "kedge.x" = "y" }', '# service'),
    told: of('epsilon', 'service.labels.kedge.x'),
  },
  {
    what: 'a network twice',
    plant: inService('epsilon', '[[network]]\nname = "front"\n[[network]]\nname = "front"'),
    told: of('epsilon', 'network[1].name'),
  },
  { what: 'a line that is no TOML', plant: inService('theta', 'oops'), told: of('theta', '') },
  { what: 'a variable that nobody defined', plant: inService('eta', 'V = "${nope}"', '# env'), told: of('eta', '') },
  { what: 'a filter that is none', plant: inService('eta', 'F = "${ nope2 | default("x") | uper }"', '# env'), told: of('eta', '') },
  { what: 'a calculation with text', plant: inService('eta', 'G = "${ "x" | int }"', '# env'), told: of('eta', '') },
  { what: 'a default as in Compose', plant: inService('eta', 'H = "${H:-d}"', '# env'), told: of('eta', '') },
  {
    what: 'a condition over a variable that nobody defined',
    plant: inService('eta', '{% if nope3 %}\nI = "1"\n{% endif %}', '# env'),
    told: of('eta', ''),
  },
  { what: 'a fault beside a variable', plant: inService('eta', 'W = 5', '# env'), told: of('eta', 'env.W') },
  {
    what: 'a missing key beside a target that is taken',
    plant: inService('iota', '[[volume]]\nsource = "data"\ntarget = "/x"\n[[volume]]\ntarget = "/x"'),
    told: of('iota', 'volume[1].source', 'volume[1].target'),
  },
  { what: 'a missing key of the main file', plant: inMain('[certbot]'), told: ['kedge.toml certbot.email'] },
  { what: 'an unknown key of the main file', plant: inMain('dealy = 5', '# top'), told: ['kedge.toml dealy'] },
  { what: 'a driver that is none', plant: inMain('[[network]]\nname = "more"\ndriver = 5'), told: ['kedge.toml network.driver'] },
  { what: 'a network that is declared again', plant: inMain('[[network]]\nname = "back"'), told: ['kedge.toml network.name'] },
  { what: 'a folder that is not there', plant: inMain('[[service]]\npath = "gone"'), told: ['kedge.toml service.path'] },
  { what: 'a folder that lies outside', plant: inMain('[[service]]\npath = "../out"'), told: ['kedge.toml service.path'] },
  { what: 'a variable in the main file that nobody defined', plant: inMain('delay = ${nope}', '# top'), told: ['kedge.toml'] },
];

/** The folder with these faults in it. */
export function planted(chosen: readonly Fault[]): Files {
  return chosen.reduce((files: Files, { plant }) => Object.entries(plant).reduce(write, files), sound);
}

function write(files: Files, [path, { at, text }]: [string, { readonly at?: Mark; readonly text: string }]): Files {
  const before = files[path] ?? '';
  const written = at === '# service' && text.startsWith('name =') ? before.replace(/name = .*/, text) : null;
  return { ...files, [path]: written ?? (at ? before.replace(at, `${text}\n${at}`) : `${before}${text}\n`) };
}
