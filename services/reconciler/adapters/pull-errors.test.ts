import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pullError } from './pull-errors.ts';

describe('the error of a pull', () => {
  // Sentences of Docker Engine 20 to 28.
  for (const { sentence, code } of [
    { sentence: 'toomanyrequests: You have reached your pull rate limit.', code: 'REGISTRY_RATE_LIMITED' },
    { sentence: 'error pulling image configuration: unexpected status code 429 Too Many Requests', code: 'REGISTRY_RATE_LIMITED' },
    {
      sentence:
        "pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      code: 'REGISTRY_DENIED',
    },
    { sentence: 'Head "https://r.example.com/v2/app/manifests/sha256:0": no basic auth credentials', code: 'REGISTRY_DENIED' },
    { sentence: 'unauthorized: authentication required', code: 'REGISTRY_DENIED' },
    { sentence: 'received unexpected HTTP status: 403 Forbidden', code: 'REGISTRY_DENIED' },
    { sentence: 'manifest for r.example.com/app:1 not found: manifest unknown: manifest unknown', code: 'REGISTRY_NOT_FOUND' },
    { sentence: 'manifest for r.example.com/denied/timeout:1 not found: manifest unknown', code: 'REGISTRY_NOT_FOUND' },
    { sentence: 'repository r.example.com/app not found: name unknown: repository name not known to registry', code: 'REGISTRY_NOT_FOUND' },
    { sentence: 'Get "https://r.example.com/v2/": dial tcp 10.0.0.1:443: connect: connection refused', code: 'REGISTRY_UNREACHABLE' },
    {
      sentence: 'Get "https://r.example.com/v2/": dial tcp: lookup r.example.com on 10.0.0.2:53: no such host',
      code: 'REGISTRY_UNREACHABLE',
    },
    {
      sentence:
        'Get "https://r.example.com/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
      code: 'REGISTRY_UNREACHABLE',
    },
    { sentence: 'unexpected EOF', code: 'REGISTRY_UNREACHABLE' },
    { sentence: 'tls: failed to verify certificate: x509: certificate signed by unknown authority', code: 'REGISTRY_UNREACHABLE' },
    { sentence: 'http: server gave HTTP response to HTTPS client', code: 'REGISTRY_UNREACHABLE' },
    { sentence: 'received unexpected HTTP status: 500 Internal Server Error', code: 'REGISTRY_ERROR' },
    { sentence: 'filesystem layer verification failed for digest sha256:0', code: 'REGISTRY_ERROR' },
    { sentence: 'write /var/lib/docker/tmp/GetImageBlob1: no space left on device', code: 'ENGINE_ERROR' },
  ]) {
    it(`"${sentence}" is ${code}`, () => {
      const error = pullError('app@sha256:0', sentence);
      assert.equal(error.name, 'RetryableError');
      assert.equal(error.code, code);
      assert.equal(error.message, `app@sha256:0 cannot be pulled: ${sentence}`);
    });
  }
});
