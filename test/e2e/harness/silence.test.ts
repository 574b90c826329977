import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { listenForSilence } from './silence.ts';

describe('silence', () => {
  /** One that may last a second, under a clock that the test turns. */
  function listen(test: TestContext) {
    test.mock.timers.enable({ apis: ['setInterval'] });
    let now = 0;
    test.mock.method(performance, 'now', () => now);
    let told = 0;
    const silence = listenForSilence(1_000, () => {
      told += 1;
    });
    return {
      silence,
      told: () => told,
      /** As long as the process runs. */
      pass: (ms: number) => {
        for (let passed = 0; passed < ms; passed += 100) {
          now += 100;
          test.mock.timers.tick(100);
        }
      },
      /** The process stands still: its timers are late. */
      standStill: (ms: number) => {
        now += ms;
        test.mock.timers.tick(100);
      },
    };
  }

  it('is told once when it lasted too long', (test) => {
    const { pass, told } = listen(test);
    pass(900);
    assert.equal(told(), 0);
    pass(100);
    assert.equal(told(), 1);
    pass(3_000);
    assert.equal(told(), 1);
  });

  it('begins anew with every word', (test) => {
    const { pass, told, silence } = listen(test);
    for (let time = 0; time < 5; time += 1) {
      pass(900);
      silence.broken();
    }
    assert.equal(told(), 0);
  });

  it('is not of the other side while this process stands still', (test) => {
    const { standStill, told, pass } = listen(test);
    standStill(60_000);
    assert.equal(told(), 0);
    pass(800);
    assert.equal(told(), 1);
  });

  it('is nobody’s business after its end', (test) => {
    const { pass, told, silence } = listen(test);
    silence.stop();
    pass(3_000);
    assert.equal(told(), 0);
  });
});
