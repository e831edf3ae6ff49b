// Runs before the first paint so that a dark page does not flash white: sets the language and the
// theme that were chosen last time.
(function () {
  var root = document.documentElement;
  var theme = 'system';
  var language = null;
  try {
    theme = localStorage.getItem('guanxi.theme') || 'system';
    language = localStorage.getItem('guanxi.language');
  } catch (e) {
    // Storage may be switched off; the defaults do.
  }
  var dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  var chinese = language ? language === 'zh-CN' : /^zh/i.test(navigator.language || '');
  root.lang = chinese ? 'zh-CN' : 'en';
})();
