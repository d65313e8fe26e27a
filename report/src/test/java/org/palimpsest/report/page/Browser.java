package org.palimpsest.report.page;

import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Headless Chromium, as Debian's packages install it, with one page open at a time. */
final class Browser implements AutoCloseable {

  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Duration AT_ONCE = Duration.ofMillis(10);
  private static final String COUNT_DIALOGS =
      "window.ran = 0; for (const f of ['alert', 'confirm', 'prompt']) window[f] = () =>"
          + " window.ran++;";

  /** Kept, since loggers are forgotten: it warns that it knows no tools of so new a browser. */
  private static final Logger TOOLS = Logger.getLogger("org.openqa.selenium.devtools");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Starts it; where there is none the test is skipped, or fails with {@code CI=true}. */
  static Browser start() {
    if (!Files.isExecutable(CHROMIUM) || !Files.isExecutable(DRIVER)) {
      String missing =
          "no browser: install Debian's packages chromium and chromium-driver, which give %s and %s"
              .formatted(CHROMIUM, DRIVER);
      if ("true".equals(System.getenv("CI"))) {
        fail(missing);
      }
      Assumptions.abort(missing);
    }
    TOOLS.setLevel(Level.SEVERE);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox", // which needs another user than root
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--force-device-scale-factor=1",
        "--window-size=1200,900");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder().usingDriverExecutable(DRIVER.toFile()).build();
    Browser browser = new Browser(new ChromeDriver(service, options));
    browser.command("Page.addScriptToEvaluateOnNewDocument", Map.of("source", COUNT_DIALOGS));
    return browser;
  }

  /** As on a screen of that size, in dark colours or bright ones, with or without scripts. */
  Browser with(int width, int height, boolean dark, boolean scripts) {
    command(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    String scheme = dark ? "dark" : "light";
    command(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    command("Emulation.setScriptExecutionDisabled", Map.of("value", !scripts));
    return this;
  }

  private void command(String name, Map<String, Object> parameters) {
    driver.executeCdpCommand(name, parameters);
  }

  /** Forgets what went before and opens a page. */
  Browser open(Path page) {
    driver.get("about:blank");
    messages();
    requests();
    driver.get(page.toUri().toString());
    return this;
  }

  /** What was written to the console since it was asked last. */
  List<String> messages() {
    return StreamSupport.stream(driver.manage().logs().get(LogType.BROWSER).spliterator(), false)
        .map(entry -> entry.getLevel() + " " + entry.getMessage())
        .toList();
  }

  /** What was asked for beyond the page itself and its embedded images. */
  List<String> requests() {
    List<String> urls = new ArrayList<>();
    driver
        .manage()
        .logs()
        .get(LogType.PERFORMANCE)
        .forEach(
            entry -> {
              String message = entry.getMessage();
              if (message.contains("\"Network.requestWillBeSent\"")) {
                urls.add(message.replaceFirst(".*\"url\":\"([^\"]{0,200}).*", "$1"));
              }
            });
    urls.removeIf(
        url ->
            url.startsWith("data:") || url.endsWith("/report.html") || url.equals("about:blank"));
    return urls;
  }

  Object script(String body, Object... arguments) {
    return driver.executeScript(body, arguments);
  }

  WebElement find(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  List<WebElement> findAll(String selector) {
    return driver.findElements(By.cssSelector(selector));
  }

  WebElement focused() {
    return driver.switchTo().activeElement();
  }

  Actions hands() {
    return new Actions(driver, AT_ONCE);
  }

  @Override
  public void close() {
    driver.quit();
  }
}
