import { MessageHistory } from '../../components/chat/message-history.tsx'

export default MessageHistory
