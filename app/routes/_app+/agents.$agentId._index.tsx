import { ChatPanel } from '../../features/chat/turns/chat-panel.tsx'

export default ChatPanel
