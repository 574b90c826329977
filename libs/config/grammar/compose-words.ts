/** What a key of a Compose file is called here, where it is called otherwise: whoever comes from there writes it first. */
const words: Readonly<Record<string, string>> = {
  ports: 'write a [[port]] with host and container for each',
  expose: 'nothing has to be said for that: services reach each other on every port',
  volumes: 'write a [[volume]] with source and target for each',
  environment: 'write the variables below [env]',
  networks: 'write a [[network]] with name for each',
  network_mode: 'write a [[network]] with name = "host", and declare it in the main file with external = true',
  depends_on: 'write [depends_on] as a table of its own',
  container_name: 'the container is called as the service is: "name"',
  mem_limit: 'it is called "memory"',
  deploy: 'limits are "memory" and "cpus", and "replicas" is a key of [service]',
  build: 'images are built elsewhere, and pulled by "image"',
  pull_policy: 'it is called "pull", in [dispenser]',
  domainname: 'write the whole name into "hostname"',
};

/** What to write instead of a key that only Compose has; null for any other. */
export function insteadOf(key: string): string | null {
  return Object.hasOwn(words, key) ? (words[key] ?? null) : null;
}
