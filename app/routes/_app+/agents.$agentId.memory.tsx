import { MemoryEditor } from '../../features/agents/memory/memory-editor.tsx'

export default MemoryEditor
