/** Labels that say where a container belongs. The engine keeps them; a restarted reconciler reads where it was. */
export const labels = {
  node: 'kedge.node',
  service: 'kedge.service',
  release: 'kedge.release',
  rollout: 'kedge.rollout',
  slot: 'kedge.slot',
  /** SHA-256 of the canonical engine configuration the container was created with: another one means drift. */
  shape: 'kedge.shape',
  image: 'kedge.image',
  digest: 'kedge.digest',
  /** `registry` or `local`. */
  source: 'kedge.source',
  /** The fixed IPv4 that the container was given: it is re-attached with the same one when it lost its network. */
  address: 'kedge.address',
  /** Of a container: the networks beside the default one that it belongs on, as a JSON list. */
  networks: 'kedge.networks',
  /** Of a container: what requests it was made for, as a JSON list of host and path in one. */
  routes: 'kedge.routes',
  /** Of a container: `true` when it was made while nothing was to run beside it that takes a route of it over; absent otherwise. */
  alone: 'kedge.alone',
  /** Of a container: which of the values that it was given are secret, by place (`env/TOKEN`), as a JSON list. */
  sealed: 'kedge.sealed',
  /** Of a network that Kedge made: its name. */
  network: 'kedge.network',
} as const;
