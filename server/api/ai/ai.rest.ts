import { bind, type RestRequest } from '#server/platform/operations/index.ts'
import { ai } from './ai.operations.ts'

const SUBSCRIPTION = 'x-stripe-subscription-id'

/** Older clients send plan and subscription in headers; the account decides about the plan, the subscription has to be its own. */
const withSubscription = ({ body, header }: RestRequest) => {
  const subscriptionId = header(SUBSCRIPTION)
  return { ...(body as object), ...(subscriptionId ? { subscriptionId } : {}) }
}

const PLAN_ERRORS = [402, 404]

export const aiRest = {
  health: bind({
    id: 'getAiHealth',
    tag: 'ai',
    operation: ai.health,
    errorBody: (status) => (status === 503 ? { status: 'error' } : {}),
    errors: [503],
  }),
  models: bind({ id: 'listAiModels', tag: 'ai', operation: ai.models }),
  modelsOf: bind({ id: 'listAiModelsByProvider', tag: 'ai', operation: ai.modelsOf }),
  select: bind({ id: 'selectAiModel', tag: 'ai', operation: ai.select, errors: PLAN_ERRORS }),
  chat: bind({
    id: 'createAiChat',
    tag: 'ai',
    operation: ai.chat,
    stream: ai.streamChat,
    input: withSubscription,
    fieldName: (field, { header }) => (field === 'subscriptionId' && header(SUBSCRIPTION) ? 'X-Stripe-Subscription-Id' : field),
    errors: [...PLAN_ERRORS, 403, 502],
  }),
  estimate: bind({ id: 'estimateAiCost', tag: 'ai', operation: ai.estimate, errors: PLAN_ERRORS }),
}
