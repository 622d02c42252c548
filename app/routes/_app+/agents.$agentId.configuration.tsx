import { ConfigurationPanel } from '../../components/configuration/configuration-panel.tsx'

export default ConfigurationPanel
