import { ConfigurationPanel } from '../../features/agents/configuration/configuration-panel.tsx'

export default ConfigurationPanel
