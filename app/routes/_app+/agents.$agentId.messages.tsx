import { MessageHistory } from '../../features/chat/turns/message-history.tsx'

export default MessageHistory
