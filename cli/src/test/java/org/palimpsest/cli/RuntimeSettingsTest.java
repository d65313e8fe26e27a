package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeSettingsTest {

  private static final int INITIALISED = 3;

  /** Whoever logs first while another thread does so has SLF4J write to standard error. */
  @Test
  void loggingIsReadyBeforeACommandStartsThreads() throws Exception {
    ClassLoader platform = ClassLoader.getPlatformClassLoader();
    try (URLClassLoader fresh = new URLClassLoader(classPath(), platform)) {
      Class<?> logging = fresh.loadClass("org.slf4j.LoggerFactory");
      Field state = logging.getDeclaredField("INITIALIZATION_STATE");
      state.setAccessible(true);
      assertThat(state.getInt(null)).isZero();
      Method apply =
          fresh
              .loadClass(RuntimeSettings.class.getName())
              .getDeclaredMethod("apply", String[].class);
      apply.setAccessible(true);
      apply.invoke(null, (Object) new String[0]);
      assertThat(state.getInt(null)).isEqualTo(INITIALISED);
    }
  }

  /**
   * Where people write 0,5 or ٥, tables, messages and names of files are what they are elsewhere.
   */
  @ParameterizedTest
  @ValueSource(strings = {"de-DE", "ar-EG", "hi-IN-u-nu-deva"})
  void numbersAreWrittenAlikeInEveryLocale(String language) {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    try {
      Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag(language));
      assertThat("%d %.1f".formatted(5, 0.5)).isNotEqualTo("5 0.5");
      RuntimeSettings.apply(new String[0]);
      assertThat("%d %.1f".formatted(5, 0.5)).isEqualTo("5 0.5");
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }

  private static URL[] classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(RuntimeSettingsTest::url)
        .toArray(URL[]::new);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
