import { errorMessage } from '@kedge/shared/kernel';
import type { EndpointsSource } from './ports.ts';

/** Says whether routes can be used, and what is wrong else; resolves to the exit code for that. */
export async function checkRoutes({
  source,
  say,
}: {
  readonly source: EndpointsSource;
  readonly say: (line: string) => void;
}): Promise<0 | 1> {
  try {
    const { services } = await source.read();
    const entries = [...services.values()].map(({ entry }) => entry);
    const routes = entries.filter(({ ports = [] }) => ports.length === 0).length;
    say(`the routes can be used: [[route]] ${routes}, [[port]] ${entries.length - routes}`);
    return 0;
  } catch (thrown) {
    say(errorMessage(thrown));
    return 1;
  }
}
