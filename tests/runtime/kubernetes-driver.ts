import { KubeConfig } from '@kubernetes/client-node'
import { readEnv } from '../../server/platform/core/env.ts'
import type { RuntimeDriver } from '../../server/agents/drivers/interface/driver.ts'
import { clusterOf } from '../../server/agents/drivers/kubernetes/cluster.ts'
import { createKubernetes } from '../../server/agents/drivers/kubernetes/kubernetes.ts'
import type { FakeKubernetes } from '../fakes/kubernetes.ts'

/** Image of agents that ask for no other. */
export const IMAGE = 'registry.example/openclaw:1'

/** The driver on a fake cluster. */
export function connectFake(fake: FakeKubernetes, startSeconds = '20'): RuntimeDriver {
  const config = new KubeConfig()
  config.loadFromOptions({
    // The client refuses plain HTTP otherwise.
    clusters: [{ name: 'fake', server: fake.url, skipTLSVerify: true }],
    users: [{ name: 'agentbot', token: fake.token }],
    contexts: [{ name: 'fake', cluster: 'fake', user: 'agentbot' }],
    currentContext: 'fake',
  })
  const env = readEnv({
    RUNTIME: 'kubernetes',
    DATA_DIR_SHARED: 'on',
    RUNTIME_IMAGE: IMAGE,
    RUNTIME_MODELS_URL: 'http://agentbot.agentbot.svc:3000/v1',
    RUNTIME_START_SECONDS: startSeconds,
  })
  return createKubernetes(env, clusterOf(config, 'agentbot', fake.kubelet.urlOf))
}
