/**
 * Data-parallel training in several processes: rendezvous, collectives (all-reduce, all-gather, broadcast), bucketed gradient
 * reduction overlapped with the backward pass, and heartbeats that detect lost ranks. Depends on tensors, on neither networks
 * nor methods of distillation.
 */
package dev.preceptor.parallel;
