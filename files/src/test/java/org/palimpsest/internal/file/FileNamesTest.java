package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FileNamesTest {

  @Test
  void textsBecomeNamesThatAreToldApart() {
    assertThat(FileNames.distinct(List.of("svcca:0.9", "svcca 0.9", "SVCCA-0.9", "svcca-0.9-2")))
        .containsExactly("svcca-0.9", "svcca-0.9-2", "SVCCA-0.9-3", "svcca-0.9-2-2");
    assertThat(FileNames.plain("enc1/conv[0].weight")).isEqualTo("enc1-conv-0-.weight");
    assertThat(FileNames.plain("x".repeat(300))).hasSize(180);
  }

  /** Names that differ in their case alone are one file on some systems. */
  @Property
  void namesAreDistinctAndPlain(@ForAll @Size(max = 12) List<String> texts) {
    List<String> names = FileNames.distinct(texts);

    assertThat(names).hasSameSizeAs(texts).allMatch(name -> name.matches("[A-Za-z0-9._=-]*"));
    assertThat(names.stream().map(name -> name.toLowerCase(Locale.ROOT))).doesNotHaveDuplicates();
    assertThat(FileNames.distinct(texts)).isEqualTo(names);
  }
}
