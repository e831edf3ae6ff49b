import { Segmented, Select } from 'antd';
import { lazy, Suspense, useMemo, useState } from 'react';
import type { TruthPoint } from '../api/truth';
import type { Truth, TruthJudged } from '../api/types';
import { formatCount, formatDay, formatFixed, formatMoney, formatShare } from '../lib/format';
import { bestOf, colourOf, judgedOf, kForetold, trackedModels, type Foretold } from '../lib/truth';
import { Empty, Loading, Panel } from '../ui/bits';
import { usePreferences } from '../ui/preferences';
import { usePalette } from '../ui/theme';

const CalibrationChart = lazy(() => import('../charts/TruthCharts').then((all) => ({ default: all.CalibrationChart })));
const TrackingChart = lazy(() => import('../charts/TruthCharts').then((all) => ({ default: all.TrackingChart })));
const LiftChart = lazy(() => import('../charts/TruthCharts').then((all) => ({ default: all.LiftChart })));

export interface PictureProps {
  truth: Truth;
  nameOf: (name: string) => string;
  onPoint: (point: TruthPoint, title: string) => void;
}

/** How a figure of one kind is written. */
export function useFigure(truth: Truth): (what: Foretold, value: number, digits?: number) => string {
  const { language } = usePreferences();
  return (what, value, digits = 2) => {
    if (what === 'spend') return formatMoney(Math.round(value), truth.currency.code, language, truth.currency.minor_digits);
    if (what === 'activity') return formatShare(value, 1, language);
    return formatFixed(value, language, digits);
  };
}

export function WhatSwitch({ value, onChange, only }: { value: Foretold; onChange: (what: Foretold) => void; only?: readonly Foretold[] }) {
  const { t } = usePreferences();
  return (
    <Segmented
      size="small"
      aria-label={t('truth.what')}
      value={value}
      options={(only ?? kForetold).map((what) => ({ value: what, label: t(`truth.what_${what}`) }))}
      onChange={(chosen) => onChange(chosen as Foretold)}
    />
  );
}

function CalibrationTable({ truth, judged, what, open }: { truth: Truth; judged: TruthJudged; what: Foretold; open: (part: number) => void }) {
  const { t, language } = usePreferences();
  const figure = useFigure(truth);
  return (
    <details className="truth-details">
      <summary>{t('truth.as_table')}</summary>
      <div className="scroll-x">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('truth.tenth_head')}</th>
              <th scope="col" className="right">{t('truth.people')}</th>
              <th scope="col" className="right">{t('truth.foretold_mean')}</th>
              <th scope="col" className="right">{t('truth.came_mean')}</th>
              <th scope="col" className="right">{t('truth.interval')}</th>
            </tr>
          </thead>
          <tbody>
            {judged.parts.map((part) => (
              <tr key={part.part}>
                <td><button type="button" className="event-link" onClick={() => open(part.part)}>{t('truth.tenth', { n: part.part + 1 })}</button></td>
                <td className="num right">{formatCount(part.people, language)}</td>
                <td className="num right">{figure(what, part.forecast)}</td>
                <td className="num right">{figure(what, part.actual)}</td>
                <td className="num right nowrap">{figure(what, part.least)} – {figure(what, part.most)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export function CalibrationPanel({ truth, nameOf, onPoint }: PictureProps) {
  const { t } = usePreferences();
  const palette = usePalette();
  const figure = useFigure(truth);
  const [what, setWhat] = useState<Foretold>('purchases');
  const [chosen, setChosen] = useState<string | null>(null);
  const able = judgedOf(truth, what);
  const name = able.find((one) => one.name === chosen)?.name ?? bestOf(truth, what);
  const judged = able.find((one) => one.name === name)?.judged;
  const open = (part: number) =>
    onPoint({ predictor: name ?? 'index', what, part }, t('truth.tenth_of', { n: part + 1, what: t(`truth.what_${what}`), who: nameOf(name ?? 'index') }));
  return (
    <Panel
      title={t('truth.calibration')}
      extra={
        <div className="filters">
          <WhatSwitch value={what} onChange={setWhat} />
          <Select
            size="small"
            aria-label={t('truth.foreteller')}
            className="foreteller-select"
            value={name ?? undefined}
            options={able.map((one) => ({ value: one.name, label: nameOf(one.name) }))}
            onChange={setChosen}
          />
        </div>
      }
    >
      <p className="muted small">{t(`truth.calibration_hint_${what}`)}</p>
      {!judged && <Empty title={t('truth.nobody_says')} />}
      {judged && name && (
        <>
          <Suspense fallback={<Loading rows={6} />}>
            <CalibrationChart
              judged={judged}
              colour={colourOf(palette, name)}
              format={(value) => figure(what, value)}
              label={t('truth.calibration_label', { who: nameOf(name), what: t(`truth.what_${what}`), n: judged.parts.length })}
              onPart={open}
            />
          </Suspense>
          <CalibrationTable truth={truth} judged={judged} what={what} open={open} />
        </>
      )}
    </Panel>
  );
}

function Legend({ names, nameOf, actual }: { names: string[]; nameOf: (name: string) => string; actual?: string }) {
  const palette = usePalette();
  return (
    <p className="legend">
      {actual && <span><i style={{ background: palette.ink, opacity: 1 }} />{actual}</span>}
      {names.map((name) => <span key={name}><i style={{ background: colourOf(palette, name), opacity: 1 }} />{nameOf(name)}</span>)}
    </p>
  );
}

const kUsualRankings = ['index', 'naive', 'rfm', 'bg_nbd', 'pareto_nbd'];

interface LiftTableProps {
  truth: Truth;
  of: 'buyers_caught' | 'spend_caught';
  names: string[];
  nameOf: (name: string) => string;
  open: (predictor: string, part: number) => void;
}

function LiftTable({ truth, of, names, nameOf, open }: LiftTableProps) {
  const { t, language } = usePreferences();
  return (
    <details className="truth-details">
      <summary>{t('truth.as_table')}</summary>
      <div className="scroll-x">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('truth.foreteller')}</th>
              <th scope="col" className="right">{t('truth.best_share')}</th>
              <th scope="col" className="right">{t('truth.held')}</th>
              <th scope="col" className="right">{t('truth.lift')}</th>
            </tr>
          </thead>
          <tbody>
            {truth.predictors.filter((one) => names.includes(one.name)).flatMap((one) =>
              one[of].slice(0, 3).map((caught) => (
                <tr key={`${one.name}-${caught.part}`}>
                  <td><button type="button" className="event-link" onClick={() => open(one.name, caught.part)}>{nameOf(one.name)}</button></td>
                  <td className="num right">{formatShare(caught.people_share, 1, language)}</td>
                  <td className="num right">{formatShare(caught.caught_share, 1, language)}</td>
                  <td className="num right">{formatFixed(caught.caught_share / caught.people_share, language, 2)}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export function LiftPanel({ truth, nameOf, onPoint }: PictureProps) {
  const { t, language } = usePreferences();
  const [of, setOf] = useState<'buyers_caught' | 'spend_caught'>('buyers_caught');
  const able = truth.predictors.filter((one) => one[of].length > 0).map((one) => one.name as string);
  const [chosen, setChosen] = useState<string[]>(kUsualRankings);
  const names = chosen.filter((name) => able.includes(name));
  const open = (predictor: string, part: number) => {
    const caught = truth.predictors.find((one) => one.name === predictor)?.[of].find((one) => one.part === part);
    onPoint(
      { predictor, what: 'rank', part, above: true },
      t('truth.best_of', { share: formatShare(caught?.people_share ?? 0, 1, language), who: nameOf(predictor) }),
    );
  };
  return (
    <Panel
      title={t('truth.lift_title')}
      extra={
        <div className="filters">
          <Segmented
            size="small"
            aria-label={t('truth.what')}
            value={of}
            options={[{ value: 'buyers_caught', label: t('truth.of_buyers') }, { value: 'spend_caught', label: t('truth.of_spend') }]}
            onChange={(value) => setOf(value as typeof of)}
          />
          <Select
            size="small"
            mode="multiple"
            maxTagCount={0}
            maxTagPlaceholder={(hidden) => t('truth.chosen', { n: hidden.length })}
            aria-label={t('truth.foreteller')}
            className="foreteller-select"
            value={names}
            options={able.map((name) => ({ value: name, label: nameOf(name) }))}
            onChange={(value: string[]) => setChosen(value)}
          />
        </div>
      }
    >
      <p className="muted small">{t('truth.lift_hint')}</p>
      <Suspense fallback={<Loading rows={6} />}>
        <LiftChart truth={truth} of={of} names={names} nameOf={nameOf} label={t('truth.lift_label', { n: names.length })} onPart={open} />
      </Suspense>
      <Legend names={names} nameOf={nameOf} />
      <LiftTable truth={truth} of={of} names={names} nameOf={nameOf} open={open} />
    </Panel>
  );
}

export function TrackingPanel({ truth, nameOf, onPoint }: PictureProps) {
  const { t, language } = usePreferences();
  const [inSum, setInSum] = useState(false);
  const models = useMemo(() => trackedModels(truth), [truth]);
  return (
    <Panel
      title={t('truth.tracking')}
      extra={
        <Segmented
          size="small"
          aria-label={t('truth.tracking')}
          value={inSum ? 'sum' : 'week'}
          options={[{ value: 'week', label: t('truth.weekly') }, { value: 'sum', label: t('truth.cumulative') }]}
          onChange={(value) => setInSum(value === 'sum')}
        />
      }
    >
      <p className="muted small">{t('truth.tracking_hint')}</p>
      <Suspense fallback={<Loading rows={6} />}>
        <TrackingChart
          truth={truth}
          models={models}
          inSum={inSum}
          nameOf={nameOf}
          label={t('truth.tracking_label', { n: truth.weeks.length, day: formatDay(truth.at, language) })}
          onWeek={(week) => onPoint({ week }, t('truth.week_of', { day: formatDay(week, language) }))}
        />
      </Suspense>
      <Legend names={models} nameOf={nameOf} actual={t('truth.came')} />
    </Panel>
  );
}
