import { MemoryEditor } from '../../components/memory/memory-editor.tsx'

export default MemoryEditor
