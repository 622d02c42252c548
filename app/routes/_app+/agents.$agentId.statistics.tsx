import { Statistics } from '../../features/insight/metrics/statistics.tsx'

export default Statistics
