import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { TaintedText } from '../leaf-forms.ts';
import { Healthcheck } from './healthcheck.ts';

const secret = { ref: 'web/service.toml#/service/healthcheck/test', fingerprint: 'k:1' };
const tainted = new TaintedText(secret);

describe('a health check', () => {
  testForms('healthcheck', {
    schema: Healthcheck,
    reads: [
      [{ test: 'curl -f localhost' }, { test: ['CMD-SHELL', 'curl -f localhost'] }],
      [
        { test: ['CMD', 'curl', '-f'], interval: '30s', timeout: '1m30s', retries: 5 },
        { test: ['CMD', 'curl', '-f'], interval: '30s', timeout: '1m30s', retries: 5 },
      ],
      [
        { retries: '3', start_period: '0s', start_interval: '1s' },
        { retries: 3, start_period: '0s', start_interval: '1s' },
      ],
      [{ test: ['NONE'] }, { test: ['NONE'] }],
      [{ test: ['NONE'], disable: true }, { test: ['NONE'] }],
      [{ test: ['CMD', 'redis-cli', '-a', tainted] }, { test: ['CMD', 'redis-cli', '-a', secret] }],
      [{ test: ['CMD-SHELL', tainted] }, { test: ['CMD-SHELL', secret] }],
      [{ test: tainted }, { test: ['CMD-SHELL', secret] }],
      [{ disable: true }, { test: ['NONE'] }],
      [{ disable: false, interval: '5s' }, { interval: '5s' }],
      [{}, {}],
    ],
    refuses: [
      [{ test: [] }, /test must be one text for a shell, or an array that begins with "CMD"/],
      [{ test: ['curl'] }, /begins with "CMD"/],
      [{ test: ['CMD'] }, /each with what belongs to it/],
      [{ test: ['CMD-SHELL', 'a', 'b'] }, /each with what belongs to it/],
      [{ test: ['NONE', 'a'] }, /each with what belongs to it/],
      [{ test: 5 }, /test must be one text/],
      [{ test: [tainted] }, /0 must be "CMD", "CMD-SHELL" or "NONE" as it is, without a variable/],
      [{ test: ['CMD-SHELL', tainted, 'x'] }, /each with what belongs to it/],
      [{ test: ['CMD', 5] }, /1 must be text in quotes/],
      [{ interval: '0s' }, /longer than nothing/],
      [{ interval: '5' }, /must be a duration such as/],
      [{ retries: 0 }, /retries must be a whole number from 1 on/],
      [{ retries: 1.5 }, /retries must be a whole number from 1 on/],
      [{ disable: true, interval: '5s' }, /interval has no meaning while the check is switched off/],
      [{ disable: true, test: ['CMD', 'x'] }, /test has no meaning/],
      [{ test: ['NONE'], retries: 2 }, /retries has no meaning/],
    ],
  });
});
