import { ChatPanel } from '../../components/chat/chat-panel.tsx'

export default ChatPanel
