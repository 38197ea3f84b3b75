/** The zone in which an integration's times are shown. */
import type { Integration } from '../api/types';

/** The database's zone; UTC as long as none is set, and the pages name it wherever a time stands. */
export function zoneOf(integration: Integration): string {
  return integration.configuration.zone ?? 'UTC';
}
