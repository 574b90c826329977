import { randomBytes } from 'node:crypto';
import { type Configuration, createReadConfiguration, placeAt, type Renderer, type Verdict } from '@kedge/config';
import { createConfigurationFolder, createTemplateFolder } from '@kedge/config/folder';
import { createRenderOffline, fingerprintKey } from '@kedge/config/template';
import type { ConfigProblem, RenderProblem, ValidateReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { ConfigPlace } from './config-place.ts';

interface FolderToValidate extends ConfigPlace {
  /** Of the host, that the proxy of the stack listens on; null where nobody knows it yet. */
  readonly proxyPort: number | null;
  /** The same for HTTPS, where it serves that. */
  readonly httpsPort?: number | undefined;
  /** Paths or names of services: only these are read, and what they depend on besides does not matter. None: all. */
  readonly only?: readonly string[];
}

/** What a look at a folder came to. */
export interface FolderValidation {
  /** As the stack would answer `config.validate`; without it no revision is in force. */
  readonly reply: ValidateReply;
  /** Null when something is wrong with it. */
  readonly configuration: Configuration | null;
}

/** The main file may name other folders each time that it is read. */
const mostLooks = 8;

/**
 * Reads a configuration folder as the stack does, and asks nobody.
 * @throws {RetryableError} CONFIG_UNSETTLED while somebody keeps writing it, CONFIG_UNKNOWN when it cannot be rendered
 */
export async function validateFolder({ folder: path, file, proxyPort, httpsPort, only = [] }: FolderToValidate): Promise<FolderValidation> {
  const folder = createConfigurationFolder({ path, file });
  // Fingerprints say nothing to anybody here, and are forgotten.
  const renderOffline = createRenderOffline({ folder: createTemplateFolder(path), key: fingerprintKey(randomBytes(32)) });
  const notChecked = new Map<string, ConfigProblem>();
  const render: Renderer['render'] = async (files, envFiles = []) => {
    const reply = await renderOffline({ files: [...files], envFiles: [...envFiles] });
    for (const each of reply.notChecked) notChecked.set(`${each.path}:${each.offset}`, placed(each, files));
    return reply;
  };
  const read = createReadConfiguration({ folder, renderer: { render }, proxyPort, httpsPort, only: only.length > 0 ? only : undefined });

  let folders: readonly string[] = [];
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const verdict = await read(await folder.look(folders));
    if (verdict.kind !== 'look-again') return judged(verdict, [...notChecked.values()]);
    folders = verdict.folders;
  }
  throw new RetryableError(
    'CONFIG_UNSETTLED',
    `the main file in ${path} names other services each time it is read; try again when it stands still`,
  );
}

type Files = Parameters<Renderer['render']>[0];

/** Shown with the line as the user wrote it: the value is not in it. */
function placed({ path, offset, message }: RenderProblem, files: Files): ConfigProblem {
  const { shownAs = path, text = '' } = files.find((file) => file.path === path) ?? {};
  return { file: shownAs, message, ...placeAt(text, offset) };
}

function judged(verdict: Exclude<Verdict, { kind: 'look-again' }>, notChecked: ConfigProblem[]): FolderValidation {
  switch (verdict.kind) {
    case 'valid': {
      const { configuration } = verdict;
      const { entry, services, warnings } = configuration;
      const found = { problems: [], warnings: [...warnings], notChecked, services: services.map(({ name }) => name), entry };
      return { configuration, reply: { ok: true, ...found, revision: null } };
    }
    case 'invalid': {
      const found = { problems: [...verdict.problems], warnings: [...verdict.warnings], notChecked, services: [], entry: verdict.entry };
      return { configuration: null, reply: { ok: false, ...found, revision: null } };
    }
    case 'unknown':
      throw new RetryableError('CONFIG_UNKNOWN', verdict.reason);
    default:
      return verdict satisfies never;
  }
}
