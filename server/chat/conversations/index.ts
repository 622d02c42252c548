export { exampleMessages } from './conversations.examples.ts'
export { type NewMessage, type Reply, storedMessage, storedReply } from './conversations.queries.ts'
export {
  NoAgent,
  chooseAgent,
  countMessages,
  deletePartialReply,
  findAgentOfMessage,
  findAgentOfSession,
  findUserMessage,
  listMessagePage,
  listMessages,
  nextPlace,
  readHistory,
  type History,
  resumeSession,
} from './conversations.service.ts'
export { forgetOldMessages } from './retention.service.ts'
