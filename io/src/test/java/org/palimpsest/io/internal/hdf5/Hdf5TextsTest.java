package org.palimpsest.io.internal.hdf5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;

class Hdf5TextsTest {

  @ParameterizedTest
  @ValueSource(strings = {"names_few.h5", "names_many.h5"})
  void textsAreUtf8WhateverTheFileSaysOfThem(String name) throws URISyntaxException {
    Path path = Path.of(Hdf5TextsTest.class.getResource("/hdf5/" + name).toURI());
    try (HdfFile file = new HdfFile(path)) {
      assertThat((String[]) Hdf5Texts.data(file, file.getAttribute("names")))
          .containsExactly("q\u03b1", "g\u03b3/\u03b4");
      assertThat(Hdf5Texts.data(file, file.getAttribute("one"))).isEqualTo("\u03b2");
      assertThat(Hdf5Texts.data(file, file.getAttribute("long"))).isEqualTo("\u03b3");
      assertThatThrownBy(() -> Hdf5Texts.data(file, file.getAttribute("latin")))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("'latin'");
    }
  }

  /** jHDF asks for more than there is of it (make_hdf5_fixtures.py). */
  @Test
  void aNodeOfNamesMayBeTheLastThingInAFile() throws URISyntaxException {
    Path path = Path.of(Hdf5TextsTest.class.getResource("/hdf5/node_at_the_end.h5").toURI());
    try (HdfFile file = Hdf5File.open(path)) {
      Group group = (Group) file.getChild("layers");
      assertThat(group.getChildren()).hasSize(133).containsKeys("array_000", "array_132");
      Dataset last = (Dataset) group.getChild("array_132");
      assertThat((double[]) last.getData()).containsExactly(0, 1, 2);
    }
  }
}
