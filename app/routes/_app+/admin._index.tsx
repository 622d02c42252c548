import { PeopleList } from '../../features/api/admin/people-list.tsx'

export default PeopleList
