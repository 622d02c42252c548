import { readEnv } from '../../server/platform/core/env.ts'
import { createBuiltin } from '../../server/agents/drivers/builtin/builtin.ts'
import { describeDriver } from './driver-suite.ts'

describeDriver('builtin', async () => ({
  driver: createBuiltin(readEnv({}), '0.1.0'),
  model: 'local/commands',
  modelKey: null,
  brokenImage: null,
  breakStart: async (agent) => ({ agent: { ...agent, model: 'openai/gpt-4o' }, mend: async () => undefined }),
  crash: null,
  close: async () => undefined,
}))
