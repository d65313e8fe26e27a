package org.palimpsest.io.internal.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LayerNamesTest {

  @Test
  void namesThatCouldMeanSomethingElseComeBackAsTheyWere() {
    for (String name :
        List.of("a'b", "a#2", "a\nb", "%10;", "\u00e4\u6f22\ud83d\ude00", "{}", "a]b")) {
      assertThat(new LayerNames("output").layer("." + LayerNames.spelt(name) + ".x"))
          .isEqualTo(name + ".x");
    }
  }

  @Test
  void submodulesHaveTheirPaths() {
    assertThat(new LayerNames("output").layer(".enc1.0.conv#2")).isEqualTo("enc1.0.conv#2");
  }

  @Test
  void operatorsKeepTheirSlash() {
    assertThat(new LayerNames("output").layer("/relu#3")).isEqualTo("/relu#3");
  }

  @Test
  void partsOfTheNetworksResultAreNamedAfterIt() {
    assertThat(new LayerNames("output").layer("[mask]")).isEqualTo("output[mask]");
  }

  @Test
  void theNetworksResultGivesWayToASubmoduleOfItsName() {
    assertThat(LayerNames.avoiding(Set.of("enc1")).output()).isEqualTo("output");
    assertThat(LayerNames.avoiding(Set.of("output")).output()).isEqualTo("network_output");
    assertThat(LayerNames.avoiding(Set.of("output", "network_output")).output())
        .isEqualTo("network_network_output");
  }
}
