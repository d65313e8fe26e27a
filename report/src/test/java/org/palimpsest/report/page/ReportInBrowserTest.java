package org.palimpsest.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.report.fuzz.HostileNames;

/** The page as its readers see it. */
class ReportInBrowserTest {

  private static final List<String> MARKUP =
      List.of(
          "</script><script>alert(1)</script>",
          "<img src=x onerror=alert(2)>",
          "a\"b'c&amp;{{data}}$1",
          "\u202egnp.exe\u001b[31m",
          "y".repeat(400));
  private static final String DRAWN = "window.echarts.getInstanceByDom(arguments[0]).getOption()";
  private static final String NEXT_FRAME =
      "return new Promise(done =>"
          + " requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";

  private static final String OVERFLOWS =
      "return document.documentElement.scrollWidth > document.documentElement.clientWidth";

  /** The controls that end right of a place. */
  private static final String BEYOND =
      """
      return [...document.querySelectorAll('select, input, .drawing, nav a')]
        .filter(control => control.getBoundingClientRect().right > %d)
        .map(control => control.outerHTML.slice(0, 200))""";

  private static Browser browser;
  private static Path nice;
  private static Path hostile;

  @BeforeAll
  static void start(@TempDir Path folder) {
    browser = Browser.start();
    nice = page(MadeUpStudy.of(MadeUpStudy.layerNames(12), 2, 0, 50, 400), folder.resolve("nice"));
    hostile =
        page(
            MadeUpStudies.of(MARKUP, List.of("<b>{{script}}</b>", "=1+1\u001b[32m\u202e")),
            folder.resolve("hostile"));
  }

  private static Path page(EvolutionTable table, Path folder) {
    return StudyReport.of(table, MadeUpStudy.FACTS).writePage(folder);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @AfterEach
  void noErrorNoRequestNothingOfANameRan() {
    assertThat(browser.messages()).isEmpty();
    assertThat(browser.requests()).isEmpty();
  }

  private static void open(Path page) {
    browser.with(1200, 900, false, true).open(page);
    assertThat(browser.find("html").getAttribute("data-ready")).isEqualTo("yes");
  }

  private static List<WebElement> drawings() {
    return browser.findAll(".drawing");
  }

  private static Object drawn(WebElement drawing, String what) {
    return browser.script("return " + DRAWN + what, drawing);
  }

  private static String shown(WebElement chart) {
    return (String)
        browser.script(
            """
            const drawn = window.echarts.getInstanceByDom(arguments[0].querySelector('.drawing'));
            return arguments[0].innerText
              + drawn.getOption().series.map(s => JSON.stringify(s.data)).join()""",
            chart);
  }

  @Test
  void everyPickerChangesItsChart() {
    open(nice);
    int tried = 0;
    for (WebElement chart : browser.findAll(".chart")) {
      String before = shown(chart);
      for (WebElement select : chart.findElements(By.tagName("select"))) {
        int options = ((Number) browser.script("return arguments[0].length", select)).intValue();
        assertThat(select.isEnabled()).isEqualTo(options > 1);
        for (int i = options - 1; i >= 0 && options > 1; i--) {
          boolean other = !select.getAttribute("selectedIndex").equals(String.valueOf(i));
          browser.script(
              "arguments[0].selectedIndex = arguments[1];"
                  + "arguments[0].dispatchEvent(new Event('change', {bubbles: true}))",
              select,
              i);
          String after = shown(chart);
          assertThat(after.equals(before)).as(after).isEqualTo(!other);
          before = after;
          tried++;
        }
      }
    }
    assertThat(tried).isGreaterThan(30);
  }

  @Test
  void slidersFollowTraining() {
    open(nice);
    List<WebElement> sliders = browser.findAll("input[type=range]");
    assertThat(sliders).hasSize(2);
    for (WebElement slider : sliders) {
      WebElement chart = slider.findElement(By.xpath("../../.."));
      slider.sendKeys(Keys.HOME);
      String start = shown(chart);
      assertThat(start).contains("Step 0");
      slider.sendKeys(Keys.ARROW_RIGHT);
      assertThat(shown(chart)).contains("Step 50", "at step 50").isNotEqualTo(start);
      assertThat(slider.getAttribute("aria-valuetext")).isEqualTo("Step 50");
    }
  }

  @Test
  void thePointerShowsFigures() {
    open(hostile);
    List<String> tips = new ArrayList<>();
    for (WebElement drawing : drawings()) {
      browser.script("arguments[0].scrollIntoView({block: 'center'})", drawing);
      browser.hands().moveToElement(drawing).moveByOffset(7, 7).perform();
      tips.add(drawing.findElement(By.cssSelector(".tip")).getText());
    }
    assertThat(tips).hasSize(8).allMatch(tip -> tip.matches("(?s).*[0-9]\\.[0-9].*"));
    assertThat(tips).anyMatch(tip -> tip.contains("<b>{{script}}</b>"));
  }

  @Test
  void namesWithMarkupAreText() {
    open(hostile);
    String text = browser.find("body").getAttribute("textContent");
    assertThat(text).contains(MARKUP.get(1), MARKUP.get(2), "\\u202egnp.exe\\u001b[31m");
    assertThat(browser.findAll("main img, main b:not(.tip b), svg")).isEmpty();
    assertThat(browser.script("return window.ran")).isEqualTo(0L);
    assertThat(browser.script("return document.scripts.length")).isEqualTo(3L);
    WebElement layers = browser.find("[data-chart=curves] select[name=layer]");
    assertThat(layers.getAttribute("textContent")).contains(MARKUP.get(0), MARKUP.get(1));
  }

  @Test
  void generatedNamesAreTextToo(@TempDir Path folder) {
    for (long seed = 1; seed <= 3; seed++) {
      HostileNames names = new HostileNames(seed);
      open(page(MadeUpStudies.of(names.next(6), names.next(2)), folder.resolve("" + seed)));
      assertThat(browser.script("return window.ran")).isEqualTo(0L);
      assertThat(browser.script("return document.scripts.length")).isEqualTo(3L);
      assertThat(browser.script(OVERFLOWS)).isEqualTo(false);
    }
  }

  @Test
  void figuresBeyondAllReasonAreDrawn(@TempDir Path folder) {
    double[][] wild = {{1e308, -1e308}, {5e-324}, {9.2e18, -9.2e18, 5e-324}};
    for (int i = 0; i < wild.length; i++) {
      int[] count = {0};
      double[] values = wild[i];
      EvolutionTable table =
          MadeUpStudies.withValues(
              MadeUpStudies.of(List.of("enc", "dec"), List.of("random", "transfer")),
              usual -> ++count[0] % 7 == 0 ? values[count[0] / 7 % values.length] : usual);
      open(page(table, folder.resolve("" + i)));
      assertThat(drawings()).hasSize(8);
    }
  }

  @Test
  void withoutScriptsTheTablesAreThere() {
    browser.with(1200, 900, false, false).open(nice);
    assertThat(browser.find("noscript").getText()).contains("Charts need JavaScript");
    browser.find("#overview summary").click();
    assertThat(browser.find("#overview details").getText())
        .contains("The end of training against the start of its own run: linear_cka")
        .contains("decoder.block11.conv.0");
    assertThat(browser.findAll(".drawing")).isEmpty();
  }

  @Test
  void aNarrowScreenNeedsNoScrollingSideways() {
    for (Path page : List.of(nice, hostile)) {
      browser.with(400, 800, false, true).open(page);
      browser.script("document.querySelectorAll('details').forEach(d => d.open = true)");
      assertThat(browser.script(OVERFLOWS)).isEqualTo(false);
      assertThat((List<?>) browser.script(BEYOND.formatted(400))).isEmpty();
      assertThat(drawings()).allMatch(drawing -> drawing.getSize().getWidth() > 300);
    }
  }

  @Test
  void darkColoursReachPageAndCharts() {
    open(nice);
    assertThat(drawn(drawings().get(0), ".textStyle.color")).isEqualTo("#222");
    browser.with(1200, 900, true, true);
    browser.script(NEXT_FRAME); // in which the page is told of other colours
    String ground = "return getComputedStyle(document.body).backgroundColor";
    assertThat(browser.script(ground)).isEqualTo("rgb(25, 25, 25)");
    for (WebElement drawing : drawings()) {
      assertThat(drawn(drawing, ".textStyle.color")).isEqualTo("#e4e4e4");
    }
  }

  @Test
  void everythingIsReachedByTheKeyboardAlone() {
    open(nice);
    List<WebElement> wanted =
        browser.findAll("nav a, select:enabled, input:enabled, .drawing, summary");
    List<WebElement> reached = new ArrayList<>();
    for (int i = 0; i < wanted.size() + 30; i++) {
      browser.hands().sendKeys(Keys.TAB).perform();
      WebElement here = browser.focused();
      if (wanted.contains(here)) {
        reached.add(here);
        assertThat(here.getCssValue("outline-style")).isEqualTo("solid");
      }
    }
    assertThat(reached).containsAll(wanted);
  }

  @Test
  void arrowKeysGoFromFigureToFigure() {
    open(nice);
    for (WebElement chart : browser.findAll(".chart")) {
      WebElement drawing = chart.findElement(By.cssSelector(".drawing"));
      WebElement spoken = chart.findElement(By.cssSelector(".spoken"));
      drawing.sendKeys(Keys.ARROW_RIGHT);
      String first = spoken.getAttribute("textContent");
      drawing.sendKeys(Keys.ARROW_RIGHT);
      String second = spoken.getAttribute("textContent");
      drawing.sendKeys(Keys.ARROW_LEFT);
      assertThat(first).matches("(?s).*[0-9]\\.[0-9].*").isNotEqualTo(second);
      assertThat(spoken.getAttribute("textContent")).isEqualTo(first);
    }
  }

  @Test
  void enterOpensTablesAndArrowsPickFromLists() {
    open(nice);
    WebElement summary = browser.find("#overview summary");
    summary.sendKeys(Keys.ENTER);
    assertThat(browser.find("#overview details").getAttribute("open")).isNotNull();
    WebElement layer = browser.find("[data-chart=curves] select[name=layer]");
    layer.sendKeys(Keys.ARROW_DOWN);
    assertThat(browser.find("[data-chart=curves] .caption").getText())
        .contains(MadeUpStudy.layerNames(12).get(1));
    assertThat(IntStream.range(0, 8)).allMatch(i -> drawings().get(i).isDisplayed());
  }
}
