import { components } from '@kedge/shared/contracts';
import { freePort } from '../../e2e/harness/free-port.ts';
import { type StackFacts, startStack } from '../../e2e/harness/stack.ts';
import { type PrivateEngine, startPrivateEngine } from './private-engine.ts';

export interface PrivateStack {
  readonly engine: PrivateEngine;
  readonly facts: StackFacts;
  /** KEDGE_E2E_KEEP=1 leaves it for a look, until the next one is started. */
  close(): Promise<void>;
}

interface PrivateStackOptions {
  readonly diskMegabytes?: number;
  /** Done on the machine before the stack starts; resolves to settings of the stack. */
  readonly prepare?: (engine: PrivateEngine) => Promise<Readonly<Record<string, string>>>;
  /** The compose file over the one that users start. */
  readonly overlay?: string;
}

const tag = process.env.KEDGE_TAG ?? 'local';
const images = [
  ...['node:26-trixie-slim', 'nats:2.15-alpine', 'registry:2'],
  ...['cli', ...components].map((component) => `kedge/${component}:${tag}`),
];

/**
 * The whole stack on an engine of its own. From here on every docker command of this process, and every folder that it makes, belongs to
 * that engine. Resolves to a sentence where there cannot be one.
 */
export async function startPrivateStack({
  diskMegabytes,
  prepare,
  overlay = 'test/chaos/compose.private.yaml',
}: PrivateStackOptions = {}): Promise<PrivateStack | string> {
  const [httpPort = 0, registryPort = 0, natsPort = 0] = await Promise.all(Array.from({ length: 3 }, freePort));
  const ports = { httpPort, registryPort, natsPort };
  const engine = await startPrivateEngine({ ports: Object.values(ports), diskMegabytes });
  if (typeof engine === 'string') return engine;
  try {
    process.env.DOCKER_HOST = `unix://${engine.socket}`;
    process.env.TMPDIR = engine.folder;
    await engine.load(images);
    const settings = {
      KEDGE_DOCKER_SOCKET: engine.socket,
      KEDGE_HTTP_PORT: String(httpPort),
      KEDGE_REGISTRY_PORT: String(registryPort),
      KEDGE_NATS_PORT: String(natsPort),
      ...(await prepare?.(engine)),
    };
    const facts = await startStack({ prefix: 'kedge-private', overlay, settings: async () => settings });
    return { engine, facts: { ...facts, ...ports }, close: async () => await leave(engine) };
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
}

async function leave(engine: PrivateEngine): Promise<void> {
  if (process.env.KEDGE_E2E_KEEP === '1') process.stderr.write(`export DOCKER_HOST='unix://${engine.socket}'\n`);
  else await engine.close();
}
