/** Names for the shapes of the API, taken from its operations so that they follow the generated client. */
import type { paths } from './schema.gen';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;

export type Session = Json<paths['/api/v1/session']['get']['responses'][200]>;
export type Integration = Json<paths['/api/v1/integrations/{id}']['get']['responses'][200]>;
export type IntegrationState = Integration['status']['state'];
export type Link = NonNullable<Integration['link']>;
export type IntegrationChange = NonNullable<
  paths['/api/v1/integrations/{id}']['patch']['requestBody']
>['content']['application/json'];
export type AgentScope = NonNullable<Integration['configuration']['agentScope']>;
export type AgentTables = Integration['configuration']['agentTables'];
export type Ledger = Json<paths['/api/v1/integrations/{id}/ledger']['get']['responses'][200]>;
export type LedgerDay = Ledger['days'][number];
export type JournalPage = Json<paths['/api/v1/integrations/{id}/journal']['get']['responses'][200]>;
export type JournalEntry = JournalPage['items'][number];
export type ReimportPreview = Json<
  paths['/api/v1/integrations/{id}/reimports/{preview}']['get']['responses'][200]
>;
export type SetAsidePage = Json<paths['/api/v1/integrations/{id}/setAside']['get']['responses'][200]>;
export type Capabilities = Json<paths['/api/v1/integrations/{id}/capabilities']['get']['responses'][200]>;
export type Load = Json<paths['/api/v1/integrations/{id}/load']['get']['responses'][200]>;
export type SourceVdns = Json<paths['/api/v1/integrations/{id}/vdns']['get']['responses'][200]>;
export type SourceVdn = SourceVdns['vdns'][number];
export type QueuePage = Json<paths['/api/v1/queues']['get']['responses'][200]>;
export type Queue = QueuePage['items'][number];
export type Intervals = Json<paths['/api/v1/queues/{id}/intervals']['get']['responses'][200]>;
export type IntervalSlot = Intervals['slots'][number];
export type SlotQuality = IntervalSlot['quality'];
export type SlotReason = NonNullable<IntervalSlot['reason']>;
export type GapPage = Json<paths['/api/v1/integrations/{id}/gaps']['get']['responses'][200]>;
export type Gap = GapPage['items'][number];
export type GapCause = Gap['cause'];
export type SiteHours = Json<paths['/api/v1/integrations/{id}/businessHours']['get']['responses'][200]>;
export type AcdHours = SiteHours['acds'][number];
export type BusinessHours = Integration['configuration']['businessHours'];
export type WeekSpan = BusinessHours['acds'][string][number];
export type Weekday = WeekSpan['day'];
export type HolidayCountries = Json<paths['/api/v1/holidays/countries']['get']['responses'][200]>;
