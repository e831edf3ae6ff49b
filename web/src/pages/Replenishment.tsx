import { DownloadOutlined } from '@ant-design/icons';
import { Button, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useMay } from '../api/access';
import { replenishmentHref, useReplenishment } from '../api/demand';
import { daysBetween, formatCount, formatDay, formatFixed } from '../lib/format';
import { Empty, ErrorState, Loading, PersonLink } from '../ui/bits';
import { EventLink } from '../ui/EventDrawer';
import { useMedia, useUrl } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';
import { Chance, ProductName } from './PersonNeeds';

const kDays = [0, 7, 14, 28];

/** Who is due for what, to be written to or taken along as a file. */
export function ReplenishmentList() {
  const { t, language } = usePreferences();
  const [params, setUrl] = useUrl();
  const may = useMay('export');
  const narrow = useMedia('(max-width: 640px)');
  const given = Number(params.get('days') ?? '14');
  const days = kDays.includes(given) ? given : 14;
  const product = params.get('due_product') ?? '';
  const [text, setText] = useState(product);
  const list = useReplenishment(days, product);
  const head = list.data?.pages[0];
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <section data-testid="replenishment">
      <div className="demand-tools">
        <Segmented
          aria-label={t('due.within')}
          value={days}
          options={kDays.map((value) => ({ value, label: value === 0 ? t('due.overdue') : t('due.days', { n: value }) }))}
          onChange={(value) => setUrl({ days: value === 14 ? null : String(value) })}
        />
        <Input.Search
          allowClear
          className="search-text"
          maxLength={255}
          aria-label={t('due.product')}
          placeholder={t('due.product')}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onSearch={(value) => setUrl({ due_product: value.trim() || null })}
        />
        {may && <Button icon={<DownloadOutlined />} href={replenishmentHref(days, product)} download>{t('due.export')}</Button>}
      </div>
      {list.isPending && <Loading rows={8} />}
      {list.isError && <ErrorState error={list.error} retry={() => void list.refetch()} />}
      {head && (
        <p className="muted">
          {t('due.sum', { lines: head.total, people: head.people })}
          {head.left_out > 0 && ` · ${t('due.left_out', { n: head.left_out })}`}
        </p>
      )}
      {head && head.total === 0 && <Empty title={t('due.none')} />}
      {rows.length > 0 && head && (
        <div className="scroll-x" tabIndex={0}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('column.person')}</th>
                <th scope="col">{t('demand.product')}</th>
                <th scope="col">{t('due.expected')}</th>
                {!narrow && (
                  <>
                    <th scope="col" className="right">{t('need.chance', { n: head.horizon_days ?? 0 })}</th>
                    <th scope="col" className="right">{t('due.bought')}</th>
                    <th scope="col" className="right">{t('due.gap')}</th>
                    <th scope="col">{t('due.last')}</th>
                  </>
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((line) => {
                const late = daysBetween(line.expected, head.day ?? line.expected);
                return (
                  <tr key={`${line.id} ${line.product}`}>
                    <td><PersonLink id={line.id} tab="needs" /></td>
                    <td><ProductName product={line.product} title={line.title} /></td>
                    <td className="num nowrap" title={t('need.interval', { least: formatDay(line.least, language), most: formatDay(line.most, language) })}>
                      {formatDay(line.expected, language)}{late > 0 && <span className="late"> {t('due.late', { n: late })}</span>}
                    </td>
                    {!narrow && (
                      <>
                        <td className="num right"><Chance bp={line.chance_bp} /></td>
                        <td className="num right">{formatCount(line.bought_days, language)}</td>
                        <td className="num right">{formatFixed(line.typical_gap_milli / 1000, language, 0)}</td>
                        <td className="num nowrap"><EventLink ordinal={line.last_ordinal}>{formatDay(line.last_bought, language)}</EventLink></td>
                      </>
                    )}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && <div className="more"><Button loading={list.isFetching} onClick={() => void list.fetchNextPage()}>{t('demand.more', { shown: rows.length, total: head?.total ?? 0 })}</Button></div>}
    </section>
  );
}
