import { Button, Drawer } from 'antd';
import { useTruthPeople, type TruthPoint } from '../api/truth';
import type { Truth } from '../api/types';
import { formatCount, formatDay, formatFixed, formatMoney, formatShare, kAbsent } from '../lib/format';
import { Empty, ErrorState, Loading, PersonLink, TierBadge } from '../ui/bits';
import { usePreferences } from '../ui/preferences';

interface Props {
  truth: Truth;
  point: TruthPoint | null;
  title: string;
  onClose: () => void;
}

/** The people of one point of a picture: what was known, what was said, what came. */
export function TruthPeopleDrawer({ truth, point, title, onClose }: Props) {
  const { t, language } = usePreferences();
  const people = useTruthPeople(truth.number, truth.listed ? point : null);
  const rows = people.data?.pages.flatMap((page) => page.rows) ?? [];
  const total = people.data?.pages[0]?.total ?? 0;
  const gone = people.data?.pages.reduce((sum, page) => sum + page.gone, 0) ?? 0;
  const money = (minor: number | null | undefined) =>
    formatMoney(minor === null || minor === undefined ? minor : Math.round(minor), truth.currency.code, language, truth.currency.minor_digits);
  const says = rows.some((row) => row.purchases_said !== null && row.purchases_said !== undefined);
  const chances = rows.some((row) => row.activity_said !== null && row.activity_said !== undefined);
  return (
    <Drawer open={point !== null} onClose={onClose} width="min(1080px, 100vw)" title={title} destroyOnHidden>
      {!truth.listed && <Empty title={t('truth.not_listed')}>{t('truth.not_listed_hint')}</Empty>}
      {truth.listed && people.isPending && point !== null && <Loading rows={8} />}
      {people.isError && <ErrorState error={people.error} />}
      {people.data && (
        <>
          <p className="muted small">
            {t('truth.listed', { n: total, day: formatDay(truth.at, language) })}
            {gone > 0 && ` ${t('truth.gone', { n: gone })}`}
          </p>
          <div className="scroll-x" tabIndex={0}>
            <table className="table truth-people">
              <thead>
                <tr>
                  <th scope="col">{t('column.person')}</th>
                  <th scope="col">{t('truth.tier_of_then')}</th>
                  <th scope="col" className="right">{t('truth.before')}</th>
                  <th scope="col">{t('truth.last')}</th>
                  {chances && <th scope="col" className="right">{t('truth.what_activity')}</th>}
                  {says && <th scope="col" className="right">{t('truth.purchases_said')}</th>}
                  <th scope="col" className="right">{t('truth.purchases_came')}</th>
                  {says && <th scope="col" className="right">{t('truth.spend_said')}</th>}
                  <th scope="col" className="right">{t('truth.spend_came')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <td className="id-cell"><PersonLink id={row.id} /></td>
                    <td><TierBadge tier={row.tier} /></td>
                    <td className="num right">{formatCount(row.purchases_before, language)}</td>
                    <td className="num nowrap">{formatDay(row.last_day, language)}</td>
                    {chances && <td className="num right">{row.activity_said === null ? kAbsent : formatShare(row.activity_said, 1, language)}</td>}
                    {says && <td className="num right">{formatFixed(row.purchases_said, language, 2)}</td>}
                    <td className="num right strong-cell">{formatCount(row.purchases, language)}</td>
                    {says && <td className="num right">{money(row.spend_said_minor)}</td>}
                    <td className="num right strong-cell">{money(row.spend_minor)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {people.hasNextPage && (
            <div className="more">
              <Button loading={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()}>
                {t('truth.more', { shown: rows.length, total })}
              </Button>
            </div>
          )}
        </>
      )}
    </Drawer>
  );
}
