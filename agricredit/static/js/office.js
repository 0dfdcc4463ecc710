/* Draws the charts of the officers' home from the figures the page carries; redraws on a change of theme or width. */
(function () {
  "use strict";

  var NARROW = 520;

  function colours() {
    var dark = document.documentElement.classList.contains("dark");
    return dark
      ? { ink: "#d5ddd8", rule: "#36403b", ground: "#16201b" }
      : { ink: "#36403b", rule: "#d5ddd8", ground: "#ffffff" };
  }

  function totals(data) {
    return data.categories.map(function (_name, index) {
      return data.series.reduce(function (sum, one) { return sum + one.counts[index]; }, 0);
    });
  }

  function percent(count, total) {
    return total ? Math.round((count * 1000) / total) / 10 : 0;
  }

  function bars(data, sums, paint) {
    return data.series.map(function (one) {
      return {
        name: one.name,
        type: "bar",
        stack: "all",
        barMaxWidth: 26,
        itemStyle: { color: one.colour, borderColor: paint.ground, borderWidth: 1 },
        emphasis: { disabled: true },
        label: {
          show: Boolean(one.inside),
          formatter: function (point) { return point.data.value >= 9 ? one.inside : ""; },
          color: "#ffffff",
          fontSize: 12
        },
        data: one.counts.map(function (count, index) {
          return { value: data.shares ? percent(count, sums[index]) : count, count: count };
        })
      };
    });
  }

  function tip(points) {
    var box = document.createElement("div");
    var head = document.createElement("strong");
    head.textContent = points[0].name;
    box.appendChild(head);
    points.forEach(function (point) {
      if (!point.data.count) { return; }
      var line = document.createElement("div");
      line.textContent = point.seriesName + "  " + point.data.count.toLocaleString();
      box.appendChild(line);
    });
    return box;
  }

  /* How many lines the legend takes: its entries wrap where the next one no longer fits. */
  function legendLines(data, width) {
    var lines = 1;
    var at = 0;
    data.series.forEach(function (one) {
      var text = one.name.split("").reduce(function (sum, sign) { return sum + (sign > "\u2e7f" ? 13 : 7.5); }, 0);
      var entry = text + 30;
      if (at && at + entry > width - 10) { lines += 1; at = 0; }
      at += entry;
    });
    return lines;
  }

  function option(data, width, paint) {
    var sums = totals(data);
    var narrow = width < NARROW;
    var names = {
      type: "category",
      data: data.categories,
      inverse: !data.upright,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: paint.rule } },
      axisLabel: { color: paint.ink, fontSize: 13, interval: data.upright ? "auto" : 0, width: narrow ? 84 : 120, overflow: "break" }
    };
    var values = {
      type: "value",
      max: data.shares ? 100 : null,
      minInterval: 1,
      interval: data.shares ? 25 : null,
      splitNumber: narrow ? 3 : 5,
      axisLabel: { color: paint.ink, fontSize: 12, formatter: data.shares ? "{value}%" : "{value}" },
      splitLine: { lineStyle: { color: paint.rule } }
    };
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 14, icon: "rect", textStyle: { color: paint.ink, fontSize: 13 } },
      grid: { left: 4, right: 28, top: 12 + 24 * legendLines(data, width), bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, confine: true, formatter: tip },
      xAxis: data.upright ? names : values,
      yAxis: data.upright ? values : names,
      series: bars(data, sums, paint)
    };
  }

  function height(data, width) {
    if (data.upright) { return 280; }
    return 38 + 24 * legendLines(data, width) + Math.max(data.categories.length, 1) * 36;
  }

  function draw(place) {
    var data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    var width = place.clientWidth;
    place.style.height = height(data, width) + "px";
    var chart = window.echarts.getInstanceByDom(place) || window.echarts.init(place, null, { renderer: "svg" });
    chart.resize();
    chart.setOption(option(data, width, colours()), true);
  }

  function drawAll() {
    document.querySelectorAll("[data-chart]").forEach(draw);
  }

  document.addEventListener("DOMContentLoaded", function () {
    drawAll();
    window.addEventListener("resize", drawAll);
    new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  });
})();
