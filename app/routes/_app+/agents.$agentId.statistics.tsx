import { Statistics } from '../../components/statistics/statistics.tsx'

export default Statistics
