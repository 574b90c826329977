import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@kedge/shared/service';
import { DockerConfig } from '../core/registry-auth.ts';
import type { DockerConfigSource } from '../ports.ts';

/** Reads `config.json` of a folder. Its content never reaches the log, not even by way of a parser's message. */
export function createDockerConfigFile({ folder, log }: { readonly folder: string; readonly log: Logger }): DockerConfigSource {
  const path = join(folder, 'config.json');

  async function readText(): Promise<string | null> {
    try {
      return await readFile(path, 'utf8');
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : 'unknown';
      if (code === 'ENOENT' || code === 'ENOTDIR') log.debug({ path }, 'no docker config file, registries are asked anonymously');
      else log.warn({ path, code }, 'the docker config file cannot be read, registries are asked anonymously');
      return null;
    }
  }

  return {
    async read() {
      const text = await readText();
      if (text === null) return null;
      const parsed = DockerConfig.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      const places = parsed.error.issues.map(({ path: place }) => place.join('.'));
      log.error({ path, places }, 'the docker config file is not valid, registries are asked anonymously');
      return null;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
