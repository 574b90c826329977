import { createTemplateFolder } from '@kedge/config/folder';
import { createRenderConfiguration, loadEngine } from '@kedge/config/template';
import { readEnvironment, runService } from '@kedge/shared/service';
import { Counter } from 'prom-client';
import { createCachedSecrets } from './adapters/cached-secrets.ts';
import { createCredentialHelpers } from './adapters/credential-helpers.ts';
import { loadCurveSeed } from './adapters/curve-seed.ts';
import { createDockerConfigFile } from './adapters/docker-config-file.ts';
import { loadFingerprintKey } from './adapters/fingerprint-key.ts';
import { createGoogleSecrets } from './adapters/google-secrets.ts';
import { createGoogleTokens } from './adapters/google-tokens.ts';
import { SecretsConfig } from './config.ts';
import { fitAnswer } from './core/fit-answer.ts';
import { createFindRegistryCredentials } from './find-registry-credentials.ts';
import { createFindSecrets } from './find-secrets.ts';
import { serveRequests } from './inbound/requests.ts';
import { createListMaskedValues } from './list-masked-values.ts';
import { createResolvePasswords } from './resolve-passwords.ts';
import { createResolveSecrets } from './resolve-secrets.ts';

await runService({
  identity: 'secrets',
  parts: ['keys'],
  start: async ({ bus, log, metrics, config: shared, ready }) => {
    const config = readEnvironment(SecretsConfig, process.env);
    const seed = await loadCurveSeed(shared.KEDGE_KEYS);
    const key = await loadFingerprintKey(config.KEDGE_STATE_DIR);
    const folder = createTemplateFolder(config.KEDGE_CONFIG_DIR);
    const engine = await loadEngine();
    const google = createGoogleSecrets({ endpoint: config.KEDGE_GOOGLE_ENDPOINT, tokens: createGoogleTokens() });
    const store = createCachedSecrets({ store: google, log, now: () => performance.now(), freshMs: config.KEDGE_SECRET_REFRESH });
    const render = createRenderConfiguration({ folder, key, engine, store });

    const find = createFindSecrets({ engine, folder, key, store });

    serveRequests({
      bus,
      log,
      seed,
      requests: new Counter({
        name: 'kedge_secret_requests_total',
        help: 'Questions to the secrets component, by subject and how they ended.',
        labelNames: ['subject', 'outcome'],
        registers: [metrics],
      }),
      render: async (asked) => fitAnswer(await render(asked)),
      resolve: createResolveSecrets(find),
      passwords: createResolvePasswords(find),
      mask: createListMaskedValues({ engine, folder, store, mainFile: config.KEDGE_CONFIG_FILE }),
      registry: createFindRegistryCredentials({
        dockerConfig: createDockerConfigFile({ folder: config.KEDGE_DOCKER_CONFIG, log }),
        helpers: createCredentialHelpers({ log }),
      }),
    });
    ready('keys', true);
    log.info({ fingerprintKey: key.id }, 'secrets are served');
    return [];
  },
});
