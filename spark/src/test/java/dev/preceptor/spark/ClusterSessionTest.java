package dev.preceptor.spark;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class ClusterSessionTest {
    @Test
    void aClusterThatCannotBeReachedIsNamedWithSparksReason() {
        SparkConf conf = new SparkConf().setAppName("test").setMaster("spark-of://nobody");
        String message = assertThrows(PreceptorException.class, () -> ClusterSession.connect(conf))
                .getMessage();
        assertTrue(message.contains("spark-of://nobody") && message.contains("Could not parse Master URL"), message);
    }
}
