import { Button, DatePicker, Segmented, Select } from 'antd';
import dayjs from 'dayjs';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useMay } from '../api/access';
import { useStatus } from '../api/queries';
import { useStandBack, useStopTruth, useTruth, useTruthDesk, type TruthPoint } from '../api/truth';
import type { Status, Truth, TruthDesk } from '../api/types';
import { addDays, formatCount, formatDay, formatMoment, formatMoney, formatShare, isDay } from '../lib/format';
import { Empty, ErrorState, Loading, Panel } from '../ui/bits';
import { useTitle, useUrl } from '../ui/hooks';
import { usePreferences } from '../ui/preferences';
import { WorkOf } from '../ui/WorkOf';
import { TruthPeopleDrawer } from './TruthPeople';
import { CalibrationPanel, LiftPanel, TrackingPanel } from './TruthPictures';
import { AucPanel, ErrorsPanel, ParametersPanel, TierPanel, Verdict } from './TruthTables';

const kHorizons = [30, 90, 180, 365];

/** What a foreteller is called: models by the name of what was fitted, rules by a word. */
export function useForetellerName(truth: Truth | undefined): (name: string) => string {
  const { named } = usePreferences();
  return useCallback(
    (name) => {
      const fitted = truth?.predictors.find((one) => one.name === name)?.fitted?.model;
      return fitted ?? named('foreteller', name);
    },
    [truth, named],
  );
}

/** Stand at an earlier day: what every forecast said, beside what came. */
export default function TruthPage() {
  const { t } = usePreferences();
  useTitle(t('nav.truth'));
  const [params, setUrl] = useUrl();
  const status = useStatus();
  const desk = useTruthDesk();
  const asked = Number(params.get('run'));
  const runs = desk.data?.runs ?? [];
  const number = runs.find((one) => one.number === asked)?.number ?? runs[0]?.number ?? null;
  const truth = useTruth(number);
  const [point, setPoint] = useState<{ point: TruthPoint; title: string } | null>(null);
  const show = useCallback((wanted: TruthPoint, title: string) => setPoint({ point: wanted, title }), []);

  // A run that has just ended is the one to look at.
  const was = useRef(false);
  const running = desk.data?.running ?? false;
  useEffect(() => {
    if (was.current && !running) setUrl({ run: null }, true);
    was.current = running;
  }, [running, setUrl]);

  const data = number !== null ? truth.data : undefined;
  return (
    <div className="page truth-page">
      <div className="page-head">
        <div>
          <h1>{t('truth.title')}</h1>
          <p className="lead">{t('truth.lead')}</p>
        </div>
        {desk.data && runs.length > 0 && <RunSelect desk={desk.data} number={number} onChange={(one) => setUrl({ run: String(one) })} />}
      </div>
      {desk.isError && <ErrorState error={desk.error} retry={() => void desk.refetch()} />}
      {status.data && desk.data && <AskPanel status={status.data} desk={desk.data} />}
      {desk.isPending && <Loading rows={8} />}
      {truth.isError && <ErrorState error={truth.error} retry={() => void truth.refetch()} />}
      {desk.data && runs.length === 0 && !running && <Panel><Empty title={t('truth.none')}>{t('truth.none_hint')}</Empty></Panel>}
      {number !== null && truth.isPending && <Loading rows={8} />}
      {data && <Report truth={data} stale={truth.isPlaceholderData} onPoint={show} />}
      {data && <TruthPeopleDrawer truth={data} point={point?.point ?? null} title={point?.title ?? ''} onClose={() => setPoint(null)} />}
    </div>
  );
}

function RunSelect({ desk, number, onChange }: { desk: TruthDesk; number: number | null; onChange: (number: number) => void }) {
  const { t, language } = usePreferences();
  return (
    <Select
      aria-label={t('truth.kept')}
      className="run-select"
      value={number ?? undefined}
      options={desk.runs.map((run) => ({
        value: run.number,
        label: t('truth.run', { day: formatDay(run.at, language), n: run.horizon_days, at: formatMoment(run.finished_at, language) }),
      }))}
      onChange={onChange}
    />
  );
}

function AskPanel({ status, desk }: { status: Status; desk: TruthDesk }) {
  const { t, language } = usePreferences();
  const may = useMay('decide');
  const begin = useStandBack();
  const stop = useStopTruth();
  const first = status.first_day ?? null;
  const last = status.as_of ?? null;
  const [horizon, setHorizon] = useState(180);
  const latest = last ? addDays(last, 1 - horizon) : null;
  const [chosen, setChosen] = useState<string | null>(null);
  const at = chosen && latest && chosen <= latest ? chosen : latest;
  if (!may && !desk.running) return null;
  const earliest = first ? addDays(first, 1) : null;
  const possible = at !== null && earliest !== null && at >= earliest;
  return (
    <Panel className="ask-panel">
      {may && (
        <div className="ask">
          <label>
            <span>{t('truth.stand_at')}</span>
            <DatePicker
              aria-label={t('truth.stand_at')}
              value={at ? dayjs(at) : null}
              allowClear={false}
              inputReadOnly
              disabled={desk.running || !possible}
              {...(earliest ? { minDate: dayjs(earliest) } : {})}
              {...(latest ? { maxDate: dayjs(latest) } : {})}
              onChange={(value) => {
                const day = value?.format('YYYY-MM-DD') ?? null;
                if (isDay(day)) setChosen(day);
              }}
            />
          </label>
          <label>
            <span>{t('truth.look')}</span>
            <Segmented
              aria-label={t('truth.look')}
              disabled={desk.running}
              value={horizon}
              options={kHorizons.map((days) => ({ value: days, label: t('period.days', { n: days }) }))}
              onChange={(value) => setHorizon(Number(value))}
            />
          </label>
          {desk.running ? (
            <Button danger loading={stop.isPending} onClick={() => stop.mutate()}>{t('truth.stop')}</Button>
          ) : (
            <Button type="primary" loading={begin.isPending} disabled={!possible} onClick={() => at && begin.mutate({ at, horizon_days: horizon })}>
              {t('truth.begin')}
            </Button>
          )}
        </div>
      )}
      {!possible && <p className="muted small">{t('truth.too_short')}</p>}
      {desk.running && desk.work && desk.asked && (
        <div role="status">
          <p className="muted small">{t('truth.running', { day: formatDay(desk.asked.at, language), n: desk.asked.horizon_days })}</p>
          <WorkOf work={desk.work} />
        </div>
      )}
      {!desk.running && desk.work && desk.work.ok === false && <p className="wrong small" role="alert">{t('truth.ended', { why: desk.work.message ?? '' })}</p>}
      {begin.isError && <ErrorState error={begin.error} />}
      {stop.isError && <ErrorState error={stop.error} />}
    </Panel>
  );
}

function Report({ truth, stale, onPoint }: { truth: Truth; stale: boolean; onPoint: (point: TruthPoint, title: string) => void }) {
  const { t, language } = usePreferences();
  const nameOf = useForetellerName(truth);
  const figures = useMemo(
    () => [
      [t('truth.people_then'), formatCount(truth.people, language), null],
      [t('truth.buyers'), formatCount(truth.buyers, language), formatShare(truth.buyers, truth.people, language)],
      [t('truth.purchases'), formatCount(truth.purchases, language), null],
      [t('truth.spend'), formatMoney(truth.spend_minor, truth.currency.code, language, truth.currency.minor_digits), null],
    ] as const,
    [truth, language, t],
  );
  return (
    <div className={stale ? 'stale' : undefined} data-testid="truth-report">
      <p className="promise">
        {t('truth.stands', { day: formatDay(truth.at, language), end: formatDay(addDays(truth.at, truth.horizon_days - 1), language), model: `${truth.model.name} ${truth.model.version}` })}
      </p>
      <div className="figures truth-figures">
        {figures.map(([name, value, share]) => (
          <div className="figure" key={name}>
            <span className="figure-label">{name}</span>
            <span className="figure-value num">{value}</span>
            {share && <span className="figure-note num">{share}</span>}
          </div>
        ))}
      </div>
      <Verdict truth={truth} nameOf={nameOf} />
      <div className="columns">
        <CalibrationPanel truth={truth} nameOf={nameOf} onPoint={onPoint} />
        <LiftPanel truth={truth} nameOf={nameOf} onPoint={onPoint} />
      </div>
      <TrackingPanel truth={truth} nameOf={nameOf} onPoint={onPoint} />
      <ErrorsPanel truth={truth} nameOf={nameOf} />
      <TierPanel truth={truth} nameOf={nameOf} onPoint={onPoint} />
      <AucPanel truth={truth} nameOf={nameOf} />
      <ParametersPanel truth={truth} nameOf={nameOf} />
    </div>
  );
}
